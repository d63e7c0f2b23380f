/** Requests that come independently of one another: a rate shared over functions, each by its weight. */

import { exponential, type RandomStream } from '../../../random.ts';
import { ns_per_s } from '../../../units.ts';
import type { Arrival, ArrivalSource } from './arrivals.ts';
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
    *arrivals(random: RandomStream): IterableIterator<Arrival> {
      for (let at_s = gap_s(random, rate_per_s); at_s < duration_s; ) {
        yield { at_ns: Math.floor(at_s * ns_per_s), of: shares.draw(random) };
        at_s += gap_s(random, rate_per_s);
      }
    },
  };
}

/** Time to the next of so many a second. */
export function gap_s(random: RandomStream, rate_per_s: number): number {
  return exponential(random) / rate_per_s;
}
