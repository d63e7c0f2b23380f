/** Whether several kinds of trials stand in an order: the share of points in which they do. */

import { z } from 'zod';
import { demands, mapping } from '../../experiment/settings.ts';
import { InputError } from '../../input/input-error.ts';
import { from_experiment, pointsOf, side, within } from '../selection.ts';
import { defineHow } from './how.ts';

export default defineHow({
  name: 'order',
  describe: 'share of points in which a metric rises from one selection to the next',
  schema: z.strictObject(
    {
      ...from_experiment,
      ascending: z
        .array(side, demands('a list of selections'))
        .min(2, demands('two selections or more')),
    },
    mapping,
  ),
  answer: ({ experiment, ascending, ...shared }, context) => {
    const columns = ascending.map((each) => pointsOf(experiment, within(shared, each), context));
    const keys = [...columns[0]!.keys()];
    const other = columns.find((column) => keys.some((key) => !column.has(key)));
    if (other !== undefined) {
      const what = 'the selections do not have the same points';
      throw new InputError(context.where, what, 'expected selections at the same values');
    }
    const right = keys.filter((key) =>
      columns.slice(1).every((column, index) => column.get(key)! > columns[index]!.get(key)!),
    );
    return right.length / keys.length;
  },
});
