/** How far apart trials are that should be alike: the largest over the smallest, among mechanisms and policies. */

import { z } from 'zod';
import { mapping } from '../../experiment/settings.ts';
import { InputError } from '../../input/input-error.ts';
import { from_experiment, metricOf, rowsOf, side, within } from '../selection.ts';
import { take, taken } from '../take.ts';
import { defineHow } from './how.ts';

export default defineHow({
  name: 'spread',
  describe: 'largest over smallest of a metric among selections, point by point',
  schema: z.strictObject({ ...from_experiment, among: z.array(side), take }, mapping),
  answer: ({ experiment, among, take: way, ...shared }, context) => {
    if (among.length < 2) {
      throw new InputError(context.where, 'among has one selection', 'expected two or more');
    }
    const groups = new Map<string, number[]>();
    for (const each of among) {
      const chosen = within(shared, each);
      for (const row of rowsOf(experiment, chosen, context)) {
        const key = JSON.stringify([row.workload, row.swept]);
        groups.set(key, [...(groups.get(key) ?? []), metricOf(row, chosen, context)]);
      }
    }
    const spreads = [...groups].map(
      ([key, values]) => [key, Math.max(...values) / Math.min(...values)] as const,
    );
    return taken(new Map(spreads), way, context);
  },
});
