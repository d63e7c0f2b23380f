/** When a series of a trial first reaches a value, or falls below it again. */

import { z } from 'zod';
import { demands, mapping } from '../../experiment/settings.ts';
import { InputError } from '../../input/input-error.ts';
import { type SeriesName, seriesNames } from '../../series.ts';
import { from_experiment, rowsOf } from '../selection.ts';
import { CannotRun, defineHow } from './how.ts';

const { metric: _, ...chosen } = from_experiment;
const names = seriesNames as [SeriesName, ...SeriesName[]];
const number = z.number(demands('a number'));

export default defineHow({
  name: 'when',
  describe:
    'where a series of one trial first has `value` or more (reaches), or less after that (falls), less `since`',
  schema: z.strictObject(
    {
      ...chosen,
      series: z.enum(names, demands('a series of cxlsim')),
      event: z.enum(['reaches', 'falls'], demands('reaches or falls')),
      value: number.positive(demands('a number above 0')),
      since: number.default(0),
    },
    mapping,
  ),
  answer: ({ experiment, series, event, value, since, ...selection }, context) => {
    const rows = rowsOf(experiment, selection, context);
    if (rows.length !== 1) {
      throw new InputError(context.where, `${rows.length} points are selected`, 'expected one');
    }
    const points = rows[0]!.series[series] ?? [];
    const reached = points.findIndex(([at, y]) => at >= since && y >= value);
    if (reached === -1) throw new CannotRun(`${series} never has ${value}`);
    if (event === 'reaches') return points[reached]![0] - since;
    const fallen = points.slice(reached).find(([, y]) => y < value);
    if (fallen === undefined) throw new CannotRun(`${series} never falls below ${value} again`);
    return fallen[0] - since;
  },
});
