/**
 * CXLporter's tiering control (CXLfork section 5): a function whose tail and mean latency are near its objective is
 * promoted, so that its next instances are restored under the other tiering; not on a node that is short of memory.
 */

import type { Values } from '../../parameters.ts';
import { quantile } from '../../quantile.ts';
import type { serviceParameters } from './parameters.ts';

type Settings = Pick<
  Values<typeof serviceParameters>,
  'objective_slowdown' | 'objective_margin' | 'watched' | 'high_memory_share'
>;

const tail = 0.99;

export class TieringControl {
  readonly #settings: Settings;
  /** What is near to each function's objective. */
  readonly #near_ns: readonly number[];
  readonly #last_ns: readonly Float64Array[];
  readonly #seen: number[];
  readonly #promoted: boolean[];
  /** Served since it was decided last. */
  readonly #fresh: boolean[];

  /** `warm_ns` is each function's warm latency in local memory. */
  constructor(warm_ns: readonly number[], settings: Settings) {
    this.#settings = settings;
    const share = settings.objective_slowdown * (1 - settings.objective_margin);
    this.#near_ns = warm_ns.map((each) => share * each);
    this.#last_ns = warm_ns.map(() => new Float64Array(settings.watched));
    this.#seen = warm_ns.map(() => 0);
    this.#promoted = warm_ns.map(() => false);
    this.#fresh = warm_ns.map(() => false);
  }

  served(of: number, latency_ns: number): void {
    const last_ns = this.#last_ns[of]!;
    last_ns[this.#seen[of]! % last_ns.length] = latency_ns;
    this.#seen[of]! += 1;
    this.#fresh[of] = true;
  }

  /** Decides anew for all functions. */
  decide(): void {
    for (const [of, last_ns] of this.#last_ns.entries()) {
      if (!this.#fresh[of]) continue;
      this.#fresh[of] = false;
      const known = last_ns.slice(0, Math.min(this.#seen[of]!, last_ns.length)).sort();
      const mean_ns = known.reduce((sum, each) => sum + each, 0) / known.length;
      const tail_ns = quantile(known, tail);
      const near_ns = this.#near_ns[of]!;
      this.#promoted[of] = tail_ns >= near_ns && mean_ns >= near_ns;
    }
  }

  isPromoted(of: number, memory_used: number): boolean {
    return this.#promoted[of]! && memory_used < this.#settings.high_memory_share;
  }
}
