/** Requests at a rate that changes with time, each of one of several functions by their shares. */

import type { RandomStream } from '../../../random.ts';
import { ns_per_s } from '../../../units.ts';
import { gapOf, type Rate } from '../../../workload/arrivals/rate.ts';
import type { Arrival, ArrivalSource } from './arrivals.ts';
import type { FunctionFacts } from './function-facts.ts';

export interface RateSettings {
  /** Of which each has a share of the requests in proportion to its invocations. */
  readonly facts: readonly FunctionFacts[];
  readonly length_s: number;
  /** Coefficient of variation of the gaps where the rate stays; 1 is a Poisson process. */
  readonly variation: number;
  /** Made anew for each pass; may draw when its steps are. */
  rate(random: RandomStream): Rate;
}

export class RateArrivals implements ArrivalSource {
  readonly functions: readonly string[];
  readonly #settings: RateSettings;
  /** Up to and including each function. */
  readonly #sums: Float64Array;

  constructor(settings: RateSettings) {
    this.#settings = settings;
    this.functions = settings.facts.map(({ name }) => name);
    this.#sums = new Float64Array(settings.facts.length);
    let sum = 0;
    for (const [index, { invocations }] of settings.facts.entries()) {
      sum += invocations;
      this.#sums[index] = sum;
    }
    if (!(sum > 0)) throw new RangeError('no function is ever asked for; expected one that is');
  }

  *arrivals(random: RandomStream): Generator<Arrival, void, void> {
    const { length_s, variation } = this.#settings;
    const rate = this.#settings.rate(random);
    for (let at_s = 0; ; ) {
      at_s = rate.after(at_s, gapOf(random, variation));
      if (at_s >= length_s) return;
      yield { at_ns: Math.floor(at_s * ns_per_s), of: this.#drawn(random) };
    }
  }

  #drawn(random: RandomStream): number {
    const sums = this.#sums;
    let last = sums.length - 1;
    if (last === 0) return 0;
    const at = random.uniform() * sums[last]!;
    let first = 0;
    while (first < last) {
      const middle = (first + last) >> 1;
      if (at < sums[middle]!) last = middle;
      else first = middle + 1;
    }
    return first;
  }
}
