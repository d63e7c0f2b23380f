/** Requests at a rate that changes with time, each of one of several functions by their shares. */

import type { RandomStream } from '../../../random.ts';
import { ns_per_s } from '../../../units.ts';
import { gapOf, type Rate } from '../../../workload/arrivals/rate.ts';
import { type ArrivalSource, Arrivals } from './arrivals.ts';
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

  arrivals(random: RandomStream): Arrivals {
    return new AtRate(this.#settings, this.#sums, random);
  }
}

class AtRate extends Arrivals {
  readonly #settings: RateSettings;
  readonly #rate: Rate;
  readonly #sums: Float64Array;
  readonly #random: RandomStream;
  #at_s = 0;

  constructor(settings: RateSettings, sums: Float64Array, random: RandomStream) {
    super();
    this.#settings = settings;
    this.#rate = settings.rate(random);
    this.#sums = sums;
    this.#random = random;
  }

  next(): boolean {
    const { length_s, variation } = this.#settings;
    this.#at_s = this.#rate.after(this.#at_s, gapOf(this.#random, variation));
    if (this.#at_s >= length_s) return false;
    this.at_ns = Math.floor(this.#at_s * ns_per_s);
    this.of = this.#drawn();
    return true;
  }

  #drawn(): number {
    const sums = this.#sums;
    let last = sums.length - 1;
    if (last === 0) return 0;
    const at = this.#random.uniform() * sums[last]!;
    let first = 0;
    while (first < last) {
      const middle = (first + last) >> 1;
      if (at < sums[middle]!) last = middle;
      else first = middle + 1;
    }
    return first;
  }
}
