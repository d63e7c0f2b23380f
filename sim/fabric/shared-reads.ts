/**
 * Executions that miss lines in one device at the same time, and slow one another down.
 *
 *     E_i(L)      what execution i takes if a line takes L
 *     load(L)   = Σ (bytes_i + bytes_beside_i) / E_i(L) / bandwidth of reads
 *     L         = latency along the device's load curve at load(L), the one at which both agree
 *
 * Where they ask for more than the bandwidth even at the latency of a full device, all are stretched
 * alike until they move just that much. At each instant at which any begin or end, L is found anew, and
 * what is left of each goes on at that pace. A lone execution has the latency that its own reads make.
 *
 * Executions that ask for the same have the same pace, whenever they began: a clock for each such kind tells how far all of
 * them have come, and they end in the order in which they began.
 *
 *     clock of a kind   ──0.0────0.3──┬─0.7───1.0──┬──1.3──►     one that began at 0 ends at 1, one at 0.3 ends at 1.3
 *                                 pace changes
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
  /** The clock of its kind at which it ends. */
  readonly mark: number;
  readonly ended: Signal;
}

/** Executions that ask for the same: those of one `Reads`. */
class Kind {
  readonly reads: Reads;
  /** In the order in which they began, and end. */
  readonly running = new Set<Running>();
  /** How many of them one would have gone through that has run all the time. */
  clock = 0;
  /** What all of one takes at the present pace. */
  whole_ns = 0;

  constructor(reads: Reads) {
    this.reads = reads;
  }

  get first(): Running {
    return this.running.values().next().value!;
  }

  left_ns({ mark }: Running): number {
    return (mark - this.clock) * this.whole_ns;
  }
}

export class SharedReads {
  readonly #simulation: Simulation;
  readonly #device: MemoryDevice;
  /** Those of which some run. */
  readonly #kinds = new Map<Reads, Kind>();
  #changed = new Signal();
  #clocks_ns = 0;
  #is_paced = false;

  constructor(simulation: Simulation, device: MemoryDevice) {
    this.#simulation = simulation;
    this.#device = device;
  }

  /** Lets the rest of the execution pass; its bytes are counted as they flow. */
  *run(reads: Reads, accounts: Accounts): Activity {
    this.#progress();
    const kind = this.#kinds.get(reads) ?? new Kind(reads);
    this.#kinds.set(reads, kind);
    const own = { mark: kind.clock + 1, ended: new Signal() };
    kind.running.add(own);
    this.#change();
    try {
      yield own.ended;
    } finally {
      let left = 0;
      if (!own.ended.fired) {
        this.#progress();
        left = Math.min(1, Math.max(0, own.mark - kind.clock));
        this.#drop(own, kind);
        this.#change();
      }
      this.#device.count(Math.round(reads.bytes * (1 - left)), 'read', accounts);
    }
  }

  /** Has all go on at another pace from this instant on, when everything has begun and ended that does now. */
  #change(): void {
    this.#changed.fire();
    if (this.#is_paced) return;
    this.#is_paced = true;
    this.#simulation.start(this.#pace(), 0, 'pace of a device');
  }

  /** Sets the pace whenever it changes, and ends who is through, as long as any run. */
  *#pace(): Activity {
    while (this.#kinds.size > 0) {
      this.#changed = new Signal();
      this.#settle();
      let next_ns = Number.POSITIVE_INFINITY;
      for (const kind of this.#kinds.values()) {
        next_ns = Math.min(next_ns, wholeNs(kind.left_ns(kind.first)));
      }
      if (next_ns > 0) yield this.#changed.within(next_ns);
      this.#progress();
      // Who has just begun has no pace yet.
      if (!this.#changed.fired) this.#end();
    }
    this.#is_paced = false;
  }

  /** Notes what has passed of each kind since it was last looked at. */
  #progress(): void {
    const passed_ns = this.#simulation.now_ns - this.#clocks_ns;
    this.#clocks_ns = this.#simulation.now_ns;
    if (passed_ns === 0) return;
    for (const kind of this.#kinds.values()) kind.clock += passed_ns / kind.whole_ns;
  }

  /** Finds the latency at which all go on. */
  #settle(): void {
    const latency_ns = settledLatency_ns(this.#device, (tried_ns) => this.#loadAt(tried_ns));
    const stretch = Math.max(1, this.#loadAt(latency_ns));
    for (const kind of this.#kinds.values()) {
      const { reads } = kind;
      const execution_ns = wholeNs(stretch * reads.execution_ns(latency_ns));
      kind.whole_ns = Math.max(0, execution_ns - reads.spent_ns);
    }
  }

  /** Ends those of which less than the nearest nanosecond is left. */
  #end(): void {
    for (const kind of this.#kinds.values()) {
      for (const each of kind.running) {
        if (wholeNs(kind.left_ns(each)) > 0) break;
        this.#drop(each, kind);
        each.ended.fire();
      }
    }
  }

  #drop(each: Running, kind: Kind): void {
    kind.running.delete(each);
    if (kind.running.size === 0) this.#kinds.delete(kind.reads);
  }

  /** Bandwidth that all ask for if a line takes `latency_ns`, over what there is. */
  #loadAt(latency_ns: number): number {
    let load = 0;
    for (const { reads, running } of this.#kinds.values()) {
      load += running.size * loadOf(this.#device, reads, latency_ns);
    }
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
