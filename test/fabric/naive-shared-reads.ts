/**
 * Shared reads as they read: whenever an execution begins or ends, all are looked at, paced anew one by one, and woken.
 * Slow, and for comparison only.
 */

import type { Activity } from '../../sim/engine/activity.ts';
import { Signal } from '../../sim/engine/signal.ts';
import type { Simulation } from '../../sim/engine/simulation.ts';
import type { MemoryDevice } from '../../sim/fabric/memory-device.ts';
import type { Reads } from '../../sim/fabric/shared-reads.ts';

interface Running {
  readonly reads: Reads;
  /** Share that is still to run. */
  left: number;
  left_ns: number;
}

export class NaiveSharedReads {
  readonly #simulation: Simulation;
  readonly #device: MemoryDevice;
  readonly #running = new Set<Running>();
  #changed = new Signal();
  #paced_ns = 0;

  constructor(simulation: Simulation, device: MemoryDevice) {
    this.#simulation = simulation;
    this.#device = device;
  }

  *run(reads: Reads): Activity {
    const own: Running = { reads, left: 1, left_ns: 0 };
    this.#progress();
    this.#running.add(own);
    this.#pace();
    let changed = this.#changed;
    for (yield changed.within(own.left_ns); changed.fired; yield changed.within(own.left_ns)) {
      changed = this.#changed;
    }
    this.#progress();
    this.#running.delete(own);
    this.#pace();
  }

  #progress(): void {
    const passed_ns = this.#simulation.now_ns - this.#paced_ns;
    this.#paced_ns = this.#simulation.now_ns;
    if (passed_ns === 0) return;
    for (const each of this.#running) {
      if (each.left_ns > 0) each.left *= Math.max(0, 1 - passed_ns / each.left_ns);
    }
  }

  #pace(): void {
    let low_ns = this.#device.settings.latency_ns;
    let high_ns = this.#latencyAt(low_ns);
    for (let halving = 0; halving < 50 && low_ns < high_ns; halving += 1) {
      const middle_ns = (low_ns + high_ns) / 2;
      if (this.#latencyAt(middle_ns) > middle_ns) low_ns = middle_ns;
      else high_ns = middle_ns;
    }
    const stretch = Math.max(1, this.#loadAt(high_ns));
    for (const each of this.#running) {
      const execution_ns = Math.round(stretch * each.reads.execution_ns(high_ns));
      each.left_ns = Math.round(each.left * Math.max(0, execution_ns - each.reads.spent_ns));
    }
    const changed = this.#changed;
    this.#changed = new Signal();
    changed.fire();
  }

  #latencyAt(tried_ns: number): number {
    return this.#device.latency_at_ns(Math.min(1, this.#loadAt(tried_ns)), 1);
  }

  #loadAt(latency_ns: number): number {
    let load = 0;
    for (const { reads } of this.#running) {
      const execution_ns = reads.execution_ns(latency_ns);
      if (execution_ns === 0) continue;
      load += (reads.bytes + (reads.bytes_beside ?? 0)) / execution_ns;
    }
    return load / this.#device.settings.read_gb_per_s;
  }
}
