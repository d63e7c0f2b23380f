/** Parameters of all that plays requests over time, whoever they are for. */

import type { Parameters } from '../../parameters.ts';

const most_s = 1e8;

/** Which time of a recording is played. */
export const part_of_time = {
  from_s: {
    default: 0,
    unit: 's',
    description: 'what arrives before is left out, and time begins there',
    source: 'a choice: all of it',
    minimum: 0,
    maximum: most_s,
  },
  length_s: {
    default: most_s,
    unit: 's',
    description: 'what arrives after so long is left out',
    source: 'a choice: all of it',
    minimum: 1e-3,
    maximum: most_s,
  },
} as const satisfies Parameters;

/** How requests at a rate follow one another. */
export const gaps = {
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
