/**
 * Rates of requests over time, and requests at such a rate. Requests lie on an axis of their own, on which a gap is 1 in the
 * mean, and the rate says how far each is in time:
 *
 *     gaps     │─●──●─●──────●─●──●│        exponential with a coefficient of variation of 1 (then they are a Poisson
 *     rate     ▁▁▁▁▁▁▂▂▇▇▇▇▇▂▂▁▁▁▁          process), all equal with 0, else of a gamma distribution
 *     time     │─●─────●──●●●●●──●──│
 */

import { exponential, normal, type RandomStream } from '../../random.ts';

export interface Rate {
  /**
   * When `more` requests beyond those expected until `at_s` are expected; infinity where there never are. Asked in order of
   * time.
   */
  after(at_s: number, more: number): number;
}

/** A rate that stays for a time. */
export interface Step {
  readonly from_s: number;
  readonly to_s: number;
  readonly per_s: number;
}

/** A rate in steps, one behind the other without a gap; those that begin at `end_s` or later are not asked for. */
export class SteppedRate implements Rate {
  readonly #steps: Iterator<Step>;
  readonly #end_s: number;
  #step: Step | undefined;

  constructor(steps: Iterable<Step>, end_s: number) {
    this.#steps = steps[Symbol.iterator]();
    this.#end_s = end_s;
    this.#advance();
  }

  after(at_s: number, more: number): number {
    let from_s = at_s;
    let left = more;
    while (this.#step !== undefined && this.#step.from_s < this.#end_s) {
      const { to_s, per_s } = this.#step;
      const here = (to_s - from_s) * per_s;
      if (per_s > 0 && left < here) return from_s + left / per_s;
      left -= Math.max(0, here);
      from_s = Math.max(from_s, to_s);
      this.#advance();
    }
    return Number.POSITIVE_INFINITY;
  }

  #advance(): void {
    const next = this.#steps.next();
    this.#step = next.done ? undefined : next.value;
  }
}

/** A gap of 1 in the mean with this coefficient of variation. */
export function gapOf(random: RandomStream, variation: number): number {
  if (variation === 0) return 1;
  if (variation === 1) return exponential(random);
  const shape = 1 / variation ** 2;
  return gamma(random, shape) / shape;
}

/** Marsaglia and Tsang (ACM TOMS 26(3), 2000), below a shape of 1 by a power of a uniform number. */
function gamma(random: RandomStream, shape: number): number {
  if (shape < 1) return gamma(random, shape + 1) * (1 - random.uniform()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(random);
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    if (-exponential(random) < x ** 2 / 2 + d - d * v + d * Math.log(v)) return d * v;
  }
}
