/** A metric of an experiment's trials. */

import { z } from 'zod';
import { mapping } from '../../experiment/settings.ts';
import { from_experiment, pointsOf } from '../selection.ts';
import { take, taken } from '../take.ts';
import { factor, scaled } from './factor.ts';
import { defineHow } from './how.ts';

export default defineHow({
  name: 'metric',
  describe: 'a metric of trials, or several added up',
  schema: z.strictObject({ ...from_experiment, take, factor }, mapping),
  answer: ({ experiment, take: way, factor: by, ...chosen }, context) =>
    scaled(taken(pointsOf(experiment, chosen, context), way, context), by),
});
