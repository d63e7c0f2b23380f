/** How much a metric grows along a swept setting, from its least value to its greatest. */

import { z } from 'zod';
import { mapping } from '../../experiment/settings.ts';
import { from_experiment } from '../selection.ts';
import { take, taken } from '../take.ts';
import { factor, scaled } from './factor.ts';
import { defineHow } from './how.ts';
import { along, type LinePoint, linesOf } from './lines.ts';

export default defineHow({
  name: 'slope',
  describe: 'growth of a metric along a swept setting, per unit of it',
  schema: z.strictObject({ ...from_experiment, along, take, factor }, mapping),
  answer: ({ take: way, factor: by, ...asked }, context) => {
    const slopes = [...linesOf(asked, context)].map(([key, line]) => [key, slope(line)] as const);
    return scaled(taken(new Map(slopes), way, context), by);
  },
});

function slope(line: readonly LinePoint[]): number {
  const [first, last] = [line[0]!, line.at(-1)!];
  return (last.y - first.y) / (last.x - first.x);
}
