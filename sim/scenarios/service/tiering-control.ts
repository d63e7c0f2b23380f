/**
 * CXLporter's tiering control (CXLfork section 5): a function whose tail and mean latency are near its objective is
 * promoted, so that its next instances are restored under the other tiering; not on a node that is short of memory.
 */

import type { Values } from '../../parameters.ts';
import type { serviceParameters } from './parameters.ts';

type Settings = Pick<
  Values<typeof serviceParameters>,
  'objective_slowdown' | 'objective_margin' | 'watched' | 'high_memory_share'
>;

const tail = 0.99;

/** The last latencies of a function, and what is told of them all: whole nanoseconds, whose sum is exact in any order. */
interface Watched {
  /** What is near to its objective. */
  readonly near_ns: number;
  readonly last_ns: Float64Array;
  seen: number;
  sum_ns: number;
  /** How many are near to the objective or over it. */
  near: number;
}

export class TieringControl {
  readonly #high_memory_share: number;
  readonly #functions: readonly Watched[];
  readonly #promoted: boolean[];

  /** `warm_ns` is each function's warm latency in local memory. */
  constructor(warm_ns: readonly number[], settings: Settings) {
    const { objective_slowdown, objective_margin, watched, high_memory_share } = settings;
    const share = objective_slowdown * (1 - objective_margin);
    this.#high_memory_share = high_memory_share;
    this.#functions = warm_ns.map((each) => ({
      near_ns: share * each,
      last_ns: new Float64Array(watched),
      seen: 0,
      sum_ns: 0,
      near: 0,
    }));
    this.#promoted = warm_ns.map(() => false);
  }

  served(of: number, latency_ns: number): void {
    const watched = this.#functions[of]!;
    const { last_ns, near_ns } = watched;
    const at = watched.seen % last_ns.length;
    if (watched.seen >= last_ns.length) {
      const gone_ns = last_ns[at]!;
      watched.sum_ns -= gone_ns;
      if (gone_ns >= near_ns) watched.near -= 1;
    }
    last_ns[at] = latency_ns;
    watched.seen += 1;
    watched.sum_ns += latency_ns;
    if (latency_ns >= near_ns) watched.near += 1;
  }

  /** Decides anew for all functions. */
  decide(): void {
    for (let of = 0; of < this.#functions.length; of += 1) {
      const { last_ns, near_ns, seen, sum_ns, near } = this.#functions[of]!;
      const known = Math.min(seen, last_ns.length);
      if (known === 0) continue;
      // The tail is near if no more lie below than before it.
      const before_tail = Math.ceil(tail * known) - 1;
      this.#promoted[of] = known - near <= before_tail && sum_ns / known >= near_ns;
    }
  }

  isPromoted(of: number, memory_used: number): boolean {
    return this.#promoted[of]! && memory_used < this.#high_memory_share;
  }
}
