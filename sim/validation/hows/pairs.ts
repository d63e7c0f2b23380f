/** Two selections of one experiment, point by point. */

import { z } from 'zod';
import { mapping } from '../../experiment/settings.ts';
import { InputError } from '../../input/input-error.ts';
import type { Points, Selection } from '../selection.ts';
import { from_experiment, pointsOf, side, within } from '../selection.ts';
import { take, taken } from '../take.ts';
import { factor, scaled } from './factor.ts';
import { type Context, defineHow } from './how.ts';

export interface Sides extends Selection {
  readonly experiment: string;
  readonly above: Selection;
  readonly below: Selection;
}

/** A way that answers with one number of what `of` makes of both sides of each point. */
export function defineOverPairs(
  name: string,
  describe: string,
  of: (above: number, below: number) => number,
) {
  return defineHow({
    name,
    describe,
    schema: z.strictObject({ ...from_experiment, above: side, below: side, take, factor }, mapping),
    answer: ({ take: way, factor: by, ...sides }, context) =>
      scaled(taken(overPairs(sides, context, of), way, context), by),
  });
}

/** What `of` makes of both sides of each point. */
export function overPairs(
  { experiment, above, below, ...shared }: Sides,
  context: Context,
  of: (above: number, below: number) => number,
): Points {
  const apart = Object.keys({ ...shared.at, ...above.at, ...below.at });
  const [upper, lower] = [above, below].map((each) =>
    pointsOf(experiment, within(shared, each), context, apart),
  ) as [Points, Points];
  const pairs = [...upper].map(([key, value]): [string, number] => {
    const other = lower.get(key) ?? withoutSwept(lower, key);
    if (other !== undefined) return [key, of(value, other)];
    const what = `a point of above has no other side: ${JSON.parse(key).join(', ')}`;
    throw new InputError(context.where, what, 'expected below to have the same points');
  });
  return new Map(pairs);
}

/** A row that reads none of what is swept is the other side of all points of its workload. */
function withoutSwept(points: Points, key: string): number | undefined {
  const [workload] = JSON.parse(key) as [string];
  return points.get(JSON.stringify([workload]));
}
