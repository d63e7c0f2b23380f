/** A process: requests at a rate that follows a rule, and not a recording. */

import type { Parameters, Values } from '../../../../parameters.ts';
import type { RandomStream } from '../../../../random.ts';
import { gaps } from '../../../../workload/arrivals/parameters.ts';
import type { Rate } from '../../../../workload/arrivals/rate.ts';
import { type ArrivalKind, mapping } from '../kind.ts';
import { population, population_files, populationOf } from '../population.ts';
import { RateArrivals } from '../rate-arrivals.ts';

/** What all processes have. */
export const common = {
  rate_per_s: {
    default: 10,
    unit: 'per_s',
    description: 'requests a second, in the mean',
    source: 'chosen',
    minimum: 1e-9,
    maximum: 1e7,
  },
  length_s: {
    default: 3600,
    unit: 's',
    description: 'how long requests come',
    source: 'chosen',
    minimum: 1e-3,
    maximum: 1e8,
  },
  ...gaps,
  ...population,
  ...mapping,
} as const satisfies Parameters;

/** A kind of arrivals without files, by what it adds to the common parameters and by its rate. */
export function processOf<P extends Parameters>(
  description: string,
  own: P,
  rate: (values: Values<typeof common & P>, random: RandomStream) => Rate,
): ArrivalKind<typeof common & P> {
  return {
    description,
    files: population_files,
    parameters: { ...common, ...own },
    open({ apps }, values) {
      const { functions, popularity, length_s, variation } = values as Values<typeof common>;
      const facts = populationOf(functions, popularity, apps);
      const made = (random: RandomStream) => rate(values, random);
      return {
        source: new RateArrivals({ facts, length_s, variation, rate: made }),
        facts,
        length_s,
      };
    },
  };
}
