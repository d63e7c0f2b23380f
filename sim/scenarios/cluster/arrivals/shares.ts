/** How a rate is shared over functions: equally, or the k-th most called by 1 / k^skew (Zipf). */

import type { RandomStream } from '../../../random.ts';

/** Of each function, in their order; all together they are 1. */
export function sharesOf(functions: number, skew: number): readonly number[] {
  const weights = Array.from({ length: functions }, (_, index) => (index + 1) ** -skew);
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / all);
}

export class Shares {
  /** Sums of the shares up to each function. */
  readonly #up_to: readonly number[];

  constructor(functions: number, skew: number) {
    let sum = 0;
    this.#up_to = sharesOf(functions, skew).map((share) => {
      sum += share;
      return sum;
    });
  }

  /** Which function a request is of. */
  draw(random: RandomStream): number {
    const drawn = random.uniform();
    const found = this.#up_to.findIndex((up_to) => drawn < up_to);
    return found === -1 ? this.#up_to.length - 1 : found;
  }
}
