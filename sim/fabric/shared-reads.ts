/**
 * Executions that miss lines in one device at the same time, and slow one another down.
 *
 *     E_i(L)      what execution i takes if a line takes L
 *     load(L)   = Σ (bytes_i + bytes_beside_i) / E_i(L) / bandwidth of reads
 *     L         = latency along the device's load curve at load(L), the one at which both agree
 *
 * Where they ask for more than the bandwidth even at the latency of a full device, all are stretched
 * alike until they move just that much. Whenever an execution begins or ends, L is found anew, and
 * what is left of each goes on at that pace. A lone execution has the latency that its own reads make.
 */

import type { Activity } from '../engine/activity.ts';
import { Signal } from '../engine/signal.ts';
import type { Simulation } from '../engine/simulation.ts';
import { wholeNs } from '../units.ts';
import type { MemoryDevice } from './memory-device.ts';
import type { Accounts } from './traffic.ts';

/** What an execution asks of the device. */
export interface Reads {
  readonly bytes: number;
  /** Bytes that others copy for it meanwhile, which take a part of the bandwidth and are counted already. */
  readonly bytes_beside?: number;
  /** What all of the execution takes if a line of the device takes `latency_ns`; it rises with it. */
  execution_ns(latency_ns: number): number;
  /** How much of that has passed before. */
  readonly spent_ns: number;
}

interface Running {
  readonly reads: Reads;
  /** Share that is still to run, 1 at the start, and how long that takes at the present latency. */
  left: number;
  left_ns: number;
}

export class SharedReads {
  readonly #simulation: Simulation;
  readonly #device: MemoryDevice;
  readonly #running = new Set<Running>();
  #changed = new Signal();
  #paced_ns = 0;

  constructor(simulation: Simulation, device: MemoryDevice) {
    this.#simulation = simulation;
    this.#device = device;
  }

  /** Lets the rest of the execution pass; its bytes are counted as they flow. */
  *run(reads: Reads, accounts: Accounts): Activity {
    const own: Running = { reads, left: 1, left_ns: 0 };
    this.#progress();
    this.#running.add(own);
    this.#pace();
    try {
      let changed = this.#changed;
      for (yield changed.within(own.left_ns); changed.fired; yield changed.within(own.left_ns)) {
        changed = this.#changed;
      }
      own.left = 0;
    } finally {
      this.#progress();
      this.#running.delete(own);
      this.#device.count(Math.round(reads.bytes * (1 - own.left)), 'read', accounts);
      this.#pace();
    }
  }

  /** Notes what has passed of each since they were last paced. */
  #progress(): void {
    const passed_ns = this.#simulation.now_ns - this.#paced_ns;
    this.#paced_ns = this.#simulation.now_ns;
    if (passed_ns === 0) return;
    for (const each of this.#running) {
      if (each.left_ns > 0) each.left *= Math.max(0, 1 - passed_ns / each.left_ns);
    }
  }

  /** Finds the latency at which all go on, and wakes them if it is another. */
  #pace(): void {
    if (this.#running.size === 0) return;
    const latency_ns = settledLatency_ns(this.#device, (tried_ns) => this.#loadAt(tried_ns));
    const stretch = Math.max(1, this.#loadAt(latency_ns));
    for (const each of this.#running) {
      const { reads } = each;
      const execution_ns = wholeNs(stretch * reads.execution_ns(latency_ns));
      const whole_ns = Math.max(0, execution_ns - reads.spent_ns);
      each.left_ns = each.left === 1 ? whole_ns : wholeNs(each.left * whole_ns);
    }
    const changed = this.#changed;
    this.#changed = new Signal();
    changed.fire();
  }

  /** Bandwidth that all ask for if a line takes `latency_ns`, over what there is. */
  #loadAt(latency_ns: number): number {
    let load = 0;
    for (const { reads } of this.#running) load += loadOf(this.#device, reads, latency_ns);
    return load;
  }
}

/** What an execution takes that is alone with the device. */
export function loneExecution_ns(
  device: MemoryDevice,
  reads: Pick<Reads, 'bytes' | 'execution_ns'>,
): number {
  const latency_ns = settledLatency_ns(device, (tried_ns) => loadOf(device, reads, tried_ns));
  return Math.max(1, loadOf(device, reads, latency_ns)) * reads.execution_ns(latency_ns);
}

/** Bandwidth that an execution asks for if a line takes `latency_ns`, over what there is. */
function loadOf(
  { settings }: MemoryDevice,
  { bytes, bytes_beside = 0, ...reads }: Pick<Reads, 'bytes' | 'bytes_beside' | 'execution_ns'>,
  latency_ns: number,
): number {
  const execution_ns = reads.execution_ns(latency_ns);
  return execution_ns > 0 ? (bytes + bytes_beside) / execution_ns / settings.read_gb_per_s : 0;
}

/**
 * The latency at which the device delivers what is asked for at that latency.
 * A longer execution spreads its reads, which shortens the latency again: what the load asks for
 * falls as latency rises. Halving finds where both agree to well below a picosecond.
 */
function settledLatency_ns(device: MemoryDevice, loadAt: (latency_ns: number) => number): number {
  const answer_ns = (tried_ns: number) => device.latency_at_ns(Math.min(1, loadAt(tried_ns)), 1);
  let low_ns = device.settings.latency_ns;
  let high_ns = answer_ns(low_ns);
  for (let halving = 0; halving < 50 && low_ns < high_ns; halving += 1) {
    const middle_ns = (low_ns + high_ns) / 2;
    if (answer_ns(middle_ns) > middle_ns) low_ns = middle_ns;
    else high_ns = middle_ns;
  }
  return high_ns;
}
