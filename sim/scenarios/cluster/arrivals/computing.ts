/**
 * How long a request computes, by what a trace says of its function:
 *
 *     own           nothing: what the workload takes that stands for the function
 *     average       the function's average
 *     percentiles   a draw that is equally likely anywhere between the two percentiles about a random rank, as invitro
 *                   does it; from 1 ms to 60 s
 */

import type { RandomStream } from '../../../random.ts';
import { ns_per_ms, wholeNs } from '../../../units.ts';
import { duration_percentiles, type FunctionFacts } from './function-facts.ts';

export const computings = ['own', 'average', 'percentiles'] as const;
export type Computing = (typeof computings)[number];

const least_ms = 1;
const most_ms = 60_000;

/** `undefined` where the trace does not say. */
export function duration_ns(
  computing: Computing,
  { duration_ms, duration_bands_ms }: FunctionFacts,
  random: RandomStream,
): number | undefined {
  if (computing === 'own') return undefined;
  if (computing === 'average') {
    return duration_ms === undefined ? undefined : wholeNs(duration_ms * ns_per_ms);
  }
  // Drawn whether it is needed or not: another function's facts then leave all other draws as they were.
  const [rank, within] = [100 * random.uniform(), random.uniform()];
  if (duration_bands_ms === undefined) return undefined;
  const above = duration_percentiles.findIndex((percentile) => percentile > rank);
  const [low, high] = [duration_bands_ms[above - 1]!, duration_bands_ms[above]!];
  const drawn_ms = low + within * (high - low);
  return wholeNs(Math.min(most_ms, Math.max(least_ms, drawn_ms)) * ns_per_ms);
}
