/** A band in which the next published time lies, from how far earlier ones lay from the model. */

import { mean } from 'simple-statistics';
import { quantile } from './student.ts';

/** Of one time, by function: natural logarithms of published over modelled, one for each time it was published. */
export type Residuals = ReadonlyMap<string, readonly number[]>;

/** What a modelled time is multiplied by. */
export interface Band {
  readonly low: number;
  readonly high: number;
}

/** Share of published times that a band is to hold. */
export const band_share = 0.9;

/** A spread of two is hardly known. */
const least_functions = 3;

/**
 * Student's prediction interval of logarithms, bias kept: m ± t(n − 1) · s · √(1 + 1/n), with n functions, mean m and
 * standard deviation s. Two publications of one function are no two functions: n counts each once. The empirical
 * quantiles that bound 90 % of six values would be their ends, which hold 5 in 7 of such values only.
 * Nothing where too few functions tell.
 */
export function predictionBand(residuals: Residuals, share = band_share): Band | undefined {
  const count = residuals.size;
  if (count < least_functions) return undefined;
  const values = [...residuals.values()].flat();
  const middle = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  const deviation = Math.sqrt(squares / (values.length - values.length / count));
  const half = quantile(share, count - 1) * deviation * Math.sqrt(1 + 1 / count);
  return { low: Math.exp(middle - half), high: Math.exp(middle + half) };
}

/** Those of all functions but one. */
export function without(residuals: Residuals, workload: string): Residuals {
  return new Map([...residuals].filter(([name]) => name !== workload));
}

/**
 * Interval score of Gneiting and Raftery (2007, doi 10.1198/016214506000001437): the width, and for what lies outside
 * 2 / (1 − share) times its distance. Smaller is better.
 */
export function intervalScore({ low, high }: Band, value: number, share = band_share): number {
  const outside = Math.max(0, low - value, value - high);
  return high - low + (2 / (1 - share)) * outside;
}
