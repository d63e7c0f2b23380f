/**
 * Where within a span so many arrivals lie, of which only the number is known. The names are those of invitro
 * (vhive-serverless/invitro, `pkg/generator/specification.go`, commit 05517d5f), as is what they do:
 *
 *     exponential         │●──●─●────●───│   gaps in proportion to exponential draws, the first at the beginning
 *     uniform             │●───●──●───●──│   the same of uniform draws
 *     equidistant         │●───●───●───●─│   equal gaps, the first at the beginning
 *     …_shift             │─●────●──●─●──│   cut at a random place, and what lay before it put behind
 *
 * Without a shift all functions that arrive in a minute do so together when it begins. With it, `exponential_shift` is
 * as many times independent of one another and of those of all other functions, each equally likely anywhere.
 */

import { exponential, type RandomStream } from '../../../random.ts';

export const spacings = [
  'exponential',
  'exponential_shift',
  'uniform',
  'uniform_shift',
  'equidistant',
] as const;
export type Spacing = (typeof spacings)[number];

/** Offsets in whole nanoseconds from the beginning of a span, in order, all before its end. */
export function offsets_ns(
  spacing: Spacing,
  count: number,
  length_ns: number,
  random: RandomStream,
): Float64Array {
  const offsets = new Float64Array(count);
  if (length_ns === 0 || count === 0) return offsets;
  const draw = draws[spacing];
  let sum = 0;
  for (let i = 0; i < count; i += 1) {
    offsets[i] = sum;
    sum += draw(random);
  }
  for (let i = 0; i < count; i += 1) offsets[i] = (offsets[i]! / sum) * length_ns;
  if (spacing.endsWith('_shift')) cut(offsets, random.uniform() * length_ns, length_ns);
  for (let i = 0; i < count; i += 1) {
    // Rounding may lift the last to the end.
    offsets[i] = Math.min(Math.floor(offsets[i]!), length_ns - 1);
  }
  return offsets;
}

/** A draw of zero is a gap of none. */
const uniform = (random: RandomStream) => 1 - random.uniform();

const draws: Readonly<Record<Spacing, (random: RandomStream) => number>> = {
  exponential,
  exponential_shift: exponential,
  uniform,
  uniform_shift: uniform,
  equidistant: () => 1,
};

/** Has what lies from `at` on come first. */
function cut(offsets: Float64Array, at: number, length: number): void {
  const found = offsets.findIndex((offset) => offset >= at);
  const first = found === -1 ? offsets.length : found;
  const behind = offsets.slice(0, first);
  offsets.copyWithin(0, first);
  offsets.set(behind, offsets.length - first);
  for (let i = 0; i < offsets.length; i += 1) {
    offsets[i] = offsets[i]! - at + (i < offsets.length - first ? 0 : length);
  }
}
