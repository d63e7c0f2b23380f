/** One number of many: what a claim says of several functions together. */

import { z } from 'zod';
import { demands } from '../experiment/settings.ts';
import { InputError } from '../input/input-error.ts';
import type { Context } from './hows/how.ts';
import type { Points } from './selection.ts';

const ways = {
  'geometric-mean': (values: readonly number[]) =>
    Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length),
  mean: (values: readonly number[]) => values.reduce((sum, value) => sum + value) / values.length,
  median: (values: readonly number[]) => {
    const sorted = [...values].sort((a, b) => a - b);
    const half = (sorted.length - 1) / 2;
    return (sorted[Math.floor(half)]! + sorted[Math.ceil(half)]!) / 2;
  },
  largest: (values: readonly number[]) => Math.max(...values),
  smallest: (values: readonly number[]) => Math.min(...values),
} as const;

type Way = keyof typeof ways;
const names = Object.keys(ways) as [Way, ...Way[]];

export const take = z.enum(names, demands(names.join(', '))).optional();

/** The number itself where there is one; of several, what `way` makes of them. */
export function taken(points: Points, way: Way | undefined, context: Context): number {
  const values = [...points.values()];
  if (values.length === 0) {
    throw new InputError(context.where, 'no point is selected', 'expected one at least');
  }
  if (way !== undefined) return ways[way](values);
  if (values.length === 1) return values[0]!;
  throw new InputError(
    context.where,
    `${values.length} points are selected`,
    `expected one, or take: ${names.join(', ')}`,
  );
}
