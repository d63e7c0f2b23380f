/** Draws from lists and ranges. */

import type { RandomStream } from '../../sim/random.ts';

export function pick<T>(random: RandomStream, from: readonly T[]): T {
  return from[random.integer(from.length)]!;
}

export function chance(random: RandomStream, share: number): boolean {
  return random.uniform() < share;
}

/** A place from 0 to `length`, both allowed. */
export function place(random: RandomStream, length: number): number {
  return random.integer(length + 1);
}
