/**
 * How far two independent samples lie apart: the Hodges-Lehmann shift and the distribution-free
 * interval that inverts the Mann-Whitney test (Hollander, Wolfe and Chicken, Nonparametric
 * Statistical Methods, 3rd ed., sections 4.2 and 4.3).
 */

import { probit } from 'simple-statistics';
import type { Interval } from './summarize.ts';

/** Above so many pairs the distribution of the rank sum is taken as normal. */
const most_exact_pairs = 5000;

export interface Shift {
  /** Median of all differences between a value of `b` and a value of `a`. */
  readonly shift: number;
  /** Holds the true shift with at least its confidence; with ties, with more. */
  readonly interval: Interval;
}

/** Neither sample may be empty. */
export function shiftInterval(a: readonly number[], b: readonly number[]): Shift {
  const from = sorted(a);
  const to = sorted(b);
  const pairs = from.length * to.length;
  const { rank, confidence } = rankOf(from.length, to.length);
  const difference = (k: number) => kthDifference(from, to, k);
  const middle = Math.ceil(pairs / 2);
  return {
    shift:
      pairs % 2 === 1 ? difference(middle) : difference(middle) / 2 + difference(middle + 1) / 2,
    interval: { low: difference(rank), high: difference(pairs + 1 - rank), confidence },
  };
}

function sorted(values: readonly number[]): Float64Array {
  if (values.length === 0) throw new RangeError('a shift needs values on both sides');
  return Float64Array.from(values).sort();
}

/**
 * The greatest k for which the k-th smallest and the k-th greatest of all differences enclose the
 * shift with 95 %. Where no k does, k is 1 and `confidence` tells what that is worth.
 */
function rankOf(n: number, m: number): { rank: number; confidence: number } {
  if (n * m > most_exact_pairs) {
    const spread = Math.sqrt((n * m * (n + m + 1)) / 12);
    // The half is the correction for a discrete distribution.
    const rank = Math.floor((n * m) / 2 - probit(0.975) * spread + 0.5);
    return { rank: Math.max(1, rank), confidence: 0.95 };
  }
  const probabilities = mannWhitney(n, m);
  let rank = 1;
  let below = probabilities[0]!;
  let outside = 2 * below;
  for (let next = 1; 2 * next < n * m; next++) {
    below += probabilities[next]!;
    if (2 * below > 0.05) break;
    rank = next + 1;
    outside = 2 * below;
  }
  return { rank, confidence: Math.max(0, 1 - outside) };
}

const known = new Map<string, Float64Array>();

/**
 * Probability of each number of pairs in which the second sample's value is the lower one, if both
 * come from one distribution. Built up by which sample holds the greatest of all values.
 */
export function mannWhitney(n: number, m: number): Float64Array {
  const key = `${Math.min(n, m)},${Math.max(n, m)}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  // of[j] is the distribution for the current size of the first sample and j in the second.
  let of: Float64Array[] = Array.from({ length: m + 1 }, () => Float64Array.of(1));
  for (let i = 1; i <= n; i++) {
    const next = [Float64Array.of(1)];
    for (let j = 1; j <= m; j++) {
      const sum = new Float64Array(i * j + 1);
      const greatest_in_first = of[j]!;
      const greatest_in_second = next[j - 1]!;
      for (let u = 0; u < greatest_in_first.length; u++) {
        sum[u + j]! += (greatest_in_first[u]! * i) / (i + j);
      }
      for (let u = 0; u < greatest_in_second.length; u++) {
        sum[u]! += (greatest_in_second[u]! * j) / (i + j);
      }
      next.push(sum);
    }
    of = next;
  }
  known.set(key, of[m]!);
  return of[m]!;
}

/**
 * The k-th smallest of all differences `to - from`, from 1, without making them all: halves the
 * ordered doubles until one is left for which k differences are no greater.
 */
function kthDifference(from: Float64Array, to: Float64Array, k: number): number {
  let low = orderOf(to[0]! - from.at(-1)!);
  let high = orderOf(to.at(-1)! - from[0]!);
  while (low < high) {
    const middle = low + (high - low) / 2n;
    if (countUpTo(from, to, doubleAt(middle)) >= k) high = middle;
    else low = middle + 1n;
  }
  return doubleAt(low);
}

/** Differences that are at most `limit`: as the value of `from` grows, more of `to` qualify. */
function countUpTo(from: Float64Array, to: Float64Array, limit: number): number {
  let count = 0;
  let qualifying = 0;
  for (const base of from) {
    while (qualifying < to.length && to[qualifying]! - base <= limit) qualifying++;
    count += qualifying;
  }
  return count;
}

const bits = new DataView(new ArrayBuffer(8));
const sign = 1n << 63n;

/** A whole number that orders doubles as they are; both zeros are one. */
function orderOf(value: number): bigint {
  bits.setFloat64(0, value + 0);
  const word = bits.getBigUint64(0);
  return word & sign ? -(word ^ sign) : word;
}

function doubleAt(order: bigint): number {
  bits.setBigUint64(0, order < 0n ? -order | sign : order);
  return bits.getFloat64(0);
}
