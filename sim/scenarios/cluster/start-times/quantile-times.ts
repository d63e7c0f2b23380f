/**
 * Times of which some quantiles are told. Between two of them the logarithm of time rises evenly with the rank, as heavy
 * tails do; below the least that is told, times are that one: nothing says how much shorter they get.
 *
 *     ln t │            ·/    max
 *          │        ···     p99
 *          │   ····      p50
 *          │———        p05
 *          └──────────────
 *           0    rank    1
 */

import type { RandomStream } from '../../../random.ts';
import { ns_per_ms, wholeNs } from '../../../units.ts';
import type { StartTimes } from './start-times.ts';

export interface Quantile {
  /** 0 to 1. */
  readonly share: number;
  readonly ms: number;
}

export class QuantileTimes implements StartTimes {
  readonly name: string;
  readonly #told: readonly Quantile[];

  /** In order of their shares, the last of which is 1; times above 0 that do not fall. */
  constructor(name: string, told: readonly Quantile[]) {
    this.name = name;
    this.#told = told;
    for (const [index, { share, ms }] of told.entries()) {
      const before = told[index - 1];
      if (ms > 0 && (before === undefined || (share > before.share && ms >= before.ms))) continue;
      throw new RangeError(`${ms} ms at ${share} after ${before?.ms} ms at ${before?.share}`);
    }
    if (told.at(-1)?.share !== 1) throw new RangeError('the last quantile is not the longest time');
  }

  quantile_ms(share: number): number {
    const above = this.#told.findIndex((each) => each.share >= share);
    const high = this.#told[above]!;
    const low = this.#told[above - 1];
    if (low === undefined) return high.ms;
    const way = (share - low.share) / (high.share - low.share);
    // Rounded, a power may end above what it rises to.
    return Math.min(high.ms, low.ms * (high.ms / low.ms) ** way);
  }

  sample_ns(random: RandomStream): number {
    return wholeNs(this.quantile_ms(random.uniform()) * ns_per_ms);
  }
}
