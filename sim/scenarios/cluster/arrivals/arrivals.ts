/**
 * Requests of functions, in order of time: where they come from is another file's idea.
 *
 *     source ─► part of it ─► those that are mapped ─► entrance      each asks the one before it for its next
 *
 * The next is written where the last one was: millions pass, and objects that are thrown away cost as much as what is done with them.
 */

import type { RandomStream } from '../../../random.ts';

export interface Arrival {
  readonly at_ns: number;
  /** Index into `functions` of the source. */
  readonly of: number;
  /** How long the request computes, where the source tells; otherwise its function's own. */
  readonly duration_ns?: number;
}

/** One after the other, each where the last one was: what it tells holds until the next is asked for. */
export abstract class Arrivals {
  at_ns = Number.NaN;
  of = 0;
  /** NaN where the source does not tell. */
  duration_ns = Number.NaN;

  /** Goes on to the next; whether there is one. */
  abstract next(): boolean;

  /** All that are left, each by itself. */
  *[Symbol.iterator](): Generator<Arrival, void, void> {
    while (this.next()) {
      const { at_ns, of, duration_ns } = this;
      yield Number.isNaN(duration_ns) ? { at_ns, of } : { at_ns, of, duration_ns };
    }
  }
}

export interface ArrivalSource {
  /** Names of the functions as the source tells them; each is mapped to a workload by a stated rule. */
  readonly functions: readonly string[];
  /** In order of time, the same for the same source of chance; made one by one, so that ten million need no list. */
  arrivals(random: RandomStream): Arrivals;
}

/** Told one by one, where few are. */
export class Told extends Arrivals {
  readonly #all: Iterator<Arrival>;

  constructor(all: Iterable<Arrival>) {
    super();
    this.#all = all[Symbol.iterator]();
  }

  next(): boolean {
    const { value, done } = this.#all.next();
    if (done) return false;
    this.at_ns = value.at_ns;
    this.of = value.of;
    this.duration_ns = value.duration_ns ?? Number.NaN;
    return true;
  }
}
