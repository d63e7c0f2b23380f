/** Whether a metric rises or falls along a swept setting: the share of lines that do, at every step. */

import { z } from 'zod';
import { demands, mapping } from '../../experiment/settings.ts';
import { from_experiment } from '../selection.ts';
import { defineHow } from './how.ts';
import { along, linesOf } from './lines.ts';

/** Times are whole nanoseconds: less than this is rounding. */
const rounding = 1e-6;

export default defineHow({
  name: 'trend',
  describe: 'share of points in which a metric rises, or falls, along a swept setting',
  schema: z.strictObject(
    {
      ...from_experiment,
      along,
      direction: z.enum(
        ['rises', 'falls', 'never-rises', 'never-falls'],
        demands('rises, falls, never-rises or never-falls'),
      ),
    },
    mapping,
  ),
  answer: ({ direction, ...asked }, context) => {
    const sign = direction === 'rises' || direction === 'never-falls' ? 1 : -1;
    const strictly = direction === 'rises' || direction === 'falls';
    const lines = [...linesOf(asked, context).values()];
    const right = lines.filter((line) => {
      const steps = line.slice(1).map(({ y }, index) => sign * (y - line[index]!.y));
      const whole = sign * (line.at(-1)!.y - line[0]!.y);
      return steps.every((step) => step >= -rounding) && (!strictly || whole > rounding);
    });
    return right.length / lines.length;
  },
});
