/** All sources of requests by name, one line each: what it is, which settings it reads, and how it is made. */

import type { ArrivalSettings } from '../../../backend.ts';
import type { ArrivalSource } from './arrivals.ts';
import { burst } from './burst.ts';
import { ownBursts } from './own-bursts.ts';
import { poisson } from './poisson.ts';

type Key = Exclude<keyof ArrivalSettings, 'source'>;

interface SourceDefinition {
  readonly description: string;
  readonly reads: readonly Key[];
  make(functions: readonly string[], settings: ArrivalSettings): ArrivalSource;
}

export const arrivalSources: Readonly<Record<string, SourceDefinition>> = {
  poisson: {
    description: 'requests independent of one another, at one rate over all functions',
    reads: ['rate_per_s', 'duration_s', 'skew'],
    make: (functions, { rate_per_s, duration_s, skew }) =>
      poisson(functions, rate_per_s, duration_s, skew),
  },
  'own-bursts': {
    description:
      'each function in bursts of its own with silences between them, at one mean rate over all',
    reads: ['rate_per_s', 'duration_s', 'skew', 'burst_s', 'burst_share'],
    make: (functions, { rate_per_s, duration_s, skew, burst_s, burst_share }) =>
      ownBursts(functions, rate_per_s, duration_s, skew, burst_s, burst_share),
  },
  burst: {
    description: 'so many requests at once, of the functions in turn',
    reads: ['burst'],
    make: (functions, { burst: count }) => burst(functions, count),
  },
};

export const arrival_sources = Object.keys(arrivalSources);
