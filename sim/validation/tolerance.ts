/** How far the model may be off from a published number, and how far it is. */

import { z } from 'zod';
import { demands, mapping } from '../experiment/settings.ts';
import { InputError } from '../input/input-error.ts';
import type { Published, Tolerance } from './claim.ts';

const size = z.number(demands('a number of at least 0')).min(0, demands('a number of at least 0'));

export const toleranceSchema = z.union(
  [size, z.strictObject({ absolute: size }, mapping)],
  demands('a share, as 0.1, or a mapping of absolute'),
);

/** Bounds are kept or not, unless the file says more. */
export function toleranceOf(
  content: z.output<typeof toleranceSchema> | undefined,
  published: Published,
  where: string,
): Tolerance {
  if (typeof content === 'object') return { size: content.absolute, relative: false };
  if ('value' in published) {
    if (content === undefined) {
      throw new InputError(where, 'tolerance is missing', 'expected a share, as 0.1');
    }
    if (published.value === 0) {
      throw new InputError(where, 'a share of 0 is 0', 'expected tolerance: { absolute: … }');
    }
  }
  return { size: content ?? 0, relative: true };
}

/** The published number that the model is held against: the bound that it breaks, or the nearest. */
export function nearestTo(published: Published, modelled: number): number {
  if ('value' in published) return published.value;
  const { at_least = Number.NEGATIVE_INFINITY, at_most = Number.POSITIVE_INFINITY } = published;
  if (modelled < at_least) return at_least;
  if (modelled > at_most) return at_most;
  return modelled;
}

/** Relative where the tolerance is and the published number is not 0. */
export function errorOf(published: Published, { relative }: Tolerance, modelled: number): number {
  const real = nearestTo(published, modelled);
  if (real === modelled) return 0;
  return relative && real !== 0 ? modelled / real - 1 : modelled - real;
}

export function isWithin(published: Published, tolerance: Tolerance, modelled: number): boolean {
  // Written so that what is no number is not within; and 10 % is met by 10 % as decimals print it.
  return Math.abs(errorOf(published, tolerance, modelled)) <= tolerance.size + 1e-9;
}
