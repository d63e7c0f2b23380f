/** Numbers as tables show them: no more digits than say something. */

import type { Summary } from '../results/summarize.ts';

/**
 * Decimals that give the smallest median of a column two or three digits and tell the ends of its
 * narrowest interval apart; never more than two.
 */
export function decimalsFor(summaries: readonly Summary[]): number {
  const sizes = summaries.flatMap(({ median, interval }) => [
    Math.abs(median) / 10,
    interval ? interval.high - interval.low : 0,
  ]);
  const least = Math.min(...sizes.filter((size) => size > 0));
  return least >= 10 ? 0 : least >= 1 ? 1 : 2;
}

export function fixed(value: number | undefined, decimals: number): string {
  if (value === undefined) return '';
  const text = value.toFixed(decimals);
  // What is not zero must not be shown as zero.
  if (value !== 0 && Number(text) === 0) return `${value < 0 ? '>-' : '<'}${10 ** -decimals}`;
  return text;
}

/** More would promise what nobody knows of a model’s error. */
export function threeDigits(value: number): string {
  return fixed(value, value >= 100 ? 0 : value >= 10 ? 1 : 2);
}
