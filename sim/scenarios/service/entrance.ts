/** Where requests come in: each arrival of the source in its time, as a request. */

import type { Arrivals } from '../cluster/arrivals/arrivals.ts';
import type { Cluster } from './cluster.ts';
import type { Queueing } from './queueing.ts';
import { timer } from './timetable.ts';

export class Entrance {
  readonly #cluster: Cluster;
  readonly #queueing: Queueing;
  readonly #arrivals: Arrivals;
  #is_closed = false;
  #order_ns = 0;

  constructor(cluster: Cluster, queueing: Queueing, arrivals: Arrivals) {
    this.#cluster = cluster;
    this.#queueing = queueing;
    this.#arrivals = arrivals;
  }

  /** Nobody comes any more. */
  get isClosed(): boolean {
    return this.#is_closed;
  }

  /** Looks who comes next; whatever the source says is looked at. */
  look(): void {
    const { timetable, functions } = this.#cluster;
    const arrivals = this.#arrivals;
    if (!arrivals.next()) {
      this.#is_closed = true;
      return;
    }
    const { at_ns, of } = arrivals;
    if (!(at_ns >= this.#order_ns && Number.isSafeInteger(at_ns))) {
      throw new Error(
        `an arrival at ${at_ns} ns comes after one at ${this.#order_ns} ns; expected times that never fall`,
      );
    }
    if (functions[of] === undefined) {
      throw new Error(
        `an arrival of function ${of}; expected a number from 0 to ${functions.length - 1}`,
      );
    }
    this.#order_ns = at_ns;
    timetable.set(timer.arrival, at_ns);
  }

  arrive(): void {
    const { timetable, functions, ledger, requests } = this.#cluster;
    const { now_ns } = timetable;
    const { of, duration_ns } = this.#arrivals;
    const state = functions[of]!;
    this.#cluster.note();
    if (this.#cluster.counts_in_system) state.enter(now_ns, 1);
    ledger.held.in_system += 1;
    timetable.clearAhead(of);
    const request = requests.arrived(of, now_ns);
    request.work = Number.isNaN(duration_ns) ? 1 : duration_ns / Math.max(1, state.warm_ns);
    request.idle_before_ns = now_ns - state.ended_ns;
    this.#queueing.place(request);
    this.look();
  }
}
