/** From the unit of metrics to that of the claim. */

import { z } from 'zod';
import { demands } from '../../experiment/settings.ts';

const right = demands('a number above 0');

export const factor = z.number(right).positive(right).optional();

export function scaled(value: number, by = 1): number {
  return value * by;
}
