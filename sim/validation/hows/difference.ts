/** One metric less another, or less the same of other trials. */

import { z } from 'zod';
import { mapping } from '../../experiment/settings.ts';
import { from_experiment, side } from '../selection.ts';
import { take, taken } from '../take.ts';
import { factor, scaled } from './factor.ts';
import { defineHow } from './how.ts';
import { overPairs } from './pairs.ts';

export default defineHow({
  name: 'difference',
  describe: 'above less below, point by point',
  schema: z.strictObject({ ...from_experiment, above: side, below: side, take, factor }, mapping),
  answer: ({ take: way, factor: by, ...sides }, context) =>
    scaled(
      taken(
        overPairs(sides, context, (above, below) => above - below),
        way,
        context,
      ),
      by,
    ),
});
