/** What experiments may set of requests that come at a service's rates. */

import type { Parameters, Values } from '../../parameters.ts';
import { gaps, part_of_time } from '../../workload/arrivals/parameters.ts';

export const rateParameters = {
  ...part_of_time,
  share: {
    default: 1,
    unit: 'share',
    description: 'of the rate that the service has',
    source: 'a choice: all of it',
    minimum: 1e-9,
    maximum: 1,
  },
  ...gaps,
} as const satisfies Parameters;

export type RateSettings = Values<typeof rateParameters>;
