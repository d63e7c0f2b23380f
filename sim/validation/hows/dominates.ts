/** Whether one kind of trials makes another pointless: nobody who pays for both metrics would choose the other. */

import { z } from 'zod';
import { demands, mapping } from '../../experiment/settings.ts';
import { type MetricName, metricNames } from '../../metrics.ts';
import { from_experiment, metricOf, rowsOf, type Selection, side, within } from '../selection.ts';
import { defineHow } from './how.ts';

const { metric: _, ...chosen } = from_experiment;
const names = metricNames as [MetricName, ...MetricName[]];
const lower = z
  .array(z.enum(names, demands('a metric of cxlsim list metrics')), demands('a list of metrics'))
  .min(2, demands('two metrics or more'));

export default defineHow({
  name: 'dominates',
  describe:
    'share of the points of `over` that some point of `by` beats: no metric of `lower` is higher, and one is lower',
  schema: z.strictObject({ ...chosen, lower, by: side, over: side }, mapping),
  answer: ({ experiment, lower: metrics, by, over, ...shared }, context) => {
    const pointsOf = (each: Selection) =>
      rowsOf(experiment, within(shared, each), context).map((row) =>
        metrics.map((metric) => metricOf(row, { metric }, context)),
      );
    const better = pointsOf(by);
    const points = pointsOf(over);
    const beaten = points.filter((point) => better.some((other) => beats(other, point)));
    return beaten.length / points.length;
  },
});

function beats(one: readonly number[], other: readonly number[]): boolean {
  return (
    one.every((value, index) => value <= other[index]!) &&
    one.some((value, index) => value < other[index]!)
  );
}
