export function sumOf<T>(all: readonly T[], of: (each: T) => number): number {
  return all.reduce((sum, each) => sum + of(each), 0);
}

export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i += 1) sum += values[i]!;
  return sum / values.length;
}

/** Infinity of none. */
export function leastOf<T>(all: readonly T[], of: (each: T) => number): number {
  return all.reduce((least, each) => Math.min(least, of(each)), Number.POSITIVE_INFINITY);
}
