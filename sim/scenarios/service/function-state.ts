/** A function that the cluster serves: how many instances of it there are, and requests of it in the system. */

import type { FunctionCosts } from './start.ts';

export class FunctionState {
  readonly costs: FunctionCosts;
  /** Its warm latency in local memory. */
  readonly warm_ns: number;
  /** When its last request ended; NaN where none has. */
  ended_ns = Number.NaN;
  /** Instances that are there or being made, and those that can serve. */
  instances = 0;
  ready = 0;
  #in_system = 0;
  #noted_ns = 0;
  #in_system_ns = 0;

  constructor(costs: FunctionCosts, warm_ns: number) {
    this.costs = costs;
    this.warm_ns = warm_ns;
  }

  /** So many more requests are in the system from now on. */
  enter(now_ns: number, change: number): void {
    this.#in_system_ns += (now_ns - this.#noted_ns) * this.#in_system;
    this.#noted_ns = now_ns;
    this.#in_system += change;
  }

  /** Time that its requests have spent in the system since this was asked last. */
  takeInSystem_ns(now_ns: number): number {
    this.enter(now_ns, 0);
    const spent_ns = this.#in_system_ns;
    this.#in_system_ns = 0;
    return spent_ns;
  }
}
