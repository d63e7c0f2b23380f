/** Requests that come independently of one another: a rate shared over functions, each by its weight. */

import { exponential, type RandomStream } from '../../../random.ts';
import { ns_per_s } from '../../../units.ts';
import { type ArrivalSource, Arrivals } from './arrivals.ts';
import { Shares } from './shares.ts';

export function poisson(
  functions: readonly string[],
  rate_per_s: number,
  duration_s: number,
  skew: number,
): ArrivalSource {
  const shares = new Shares(functions.length, skew);
  return {
    functions,
    arrivals: (random) => new PoissonArrivals(rate_per_s, duration_s, shares, random),
  };
}

class PoissonArrivals extends Arrivals {
  readonly #rate_per_s: number;
  readonly #duration_s: number;
  readonly #shares: Shares;
  readonly #random: RandomStream;
  #at_s = 0;

  constructor(rate_per_s: number, duration_s: number, shares: Shares, random: RandomStream) {
    super();
    this.#rate_per_s = rate_per_s;
    this.#duration_s = duration_s;
    this.#shares = shares;
    this.#random = random;
  }

  next(): boolean {
    const random = this.#random;
    this.#at_s += gap_s(random, this.#rate_per_s);
    if (this.#at_s >= this.#duration_s) return false;
    this.at_ns = Math.floor(this.#at_s * ns_per_s);
    this.of = this.#shares.draw(random);
    return true;
  }
}

/** Time to the next of so many a second. */
export function gap_s(random: RandomStream, rate_per_s: number): number {
  return exponential(random) / rate_per_s;
}
