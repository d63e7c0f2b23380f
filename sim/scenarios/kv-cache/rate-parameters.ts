/** What experiments may set of requests that come at a service's rates. */

import type { Parameters, Values } from '../../parameters.ts';

const most_s = 1e8;

export const rateParameters = {
  from_s: {
    default: 0,
    unit: 's',
    description: 'requests before are left out, and time begins there',
    source: 'all of it',
    minimum: 0,
    maximum: most_s,
  },
  length_s: {
    default: most_s,
    unit: 's',
    description: 'requests after so long are left out',
    source: 'all of it',
    minimum: 1e-3,
    maximum: most_s,
  },
  share: {
    default: 1,
    unit: 'share',
    description: 'of the rate that the service has',
    source: 'all of it',
    minimum: 1e-9,
    maximum: 1,
  },
  variation: {
    default: 1,
    unit: 'ratio',
    description:
      'coefficient of variation of the gaps where the rate stays: 0 equidistant, 1 independent, more in clusters',
    source: 'chosen: requests that know nothing of one another',
    minimum: 0,
    maximum: 10,
  },
} as const satisfies Parameters;

export type RateSettings = Values<typeof rateParameters>;
