/** How a metric runs along a swept setting, for everything else alike. */

import { z } from 'zod';
import { demands } from '../../experiment/settings.ts';
import { InputError } from '../../input/input-error.ts';
import { metricOf, rowsOf, type Selection } from '../selection.ts';
import type { Context } from './how.ts';

export const along = z.string(demands('the path of a swept setting'));

export interface Along extends Selection {
  readonly experiment: string;
  readonly along: string;
}

export interface LinePoint {
  readonly x: number;
  readonly y: number;
}

/** Lines in rising order of the setting, by what else tells rows apart. */
export function linesOf(
  { experiment, along: path, ...chosen }: Along,
  context: Context,
): Map<string, LinePoint[]> {
  const lines = new Map<string, LinePoint[]>();
  for (const row of rowsOf(experiment, chosen, context)) {
    const { [path]: x, ...others } = row.swept;
    if (typeof x !== 'number') {
      throw new InputError(
        context.where,
        `${path} is no number that ${row.mechanism} is swept over in ${experiment}`,
        'expected a swept setting that it reads',
      );
    }
    const key = JSON.stringify([row.workload, row.mechanism, row.policy, others]);
    const line = lines.get(key) ?? [];
    line.push({ x, y: metricOf(row, chosen, context) });
    lines.set(key, line);
  }
  for (const line of lines.values()) line.sort((a, b) => a.x - b.x);
  return lines;
}
