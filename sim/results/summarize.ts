/** Medians and their intervals per compared group, paired ratios, and regret against clairvoyance. */

import { medianSorted } from 'simple-statistics';
import { type Coordinates, coordinatesBy, haveSameSurroundings } from '../experiment/dimensions.ts';
import type { MetricName } from '../metrics.ts';
import type { Measurement } from './measurements-csv.ts';
import { meet, sole } from './points.ts';

/** What the repetitions of one metric of one group amount to. */
export interface Summary {
  readonly repetitions: number;
  readonly median: number;
  /** Whether there are several repetitions and all agree. */
  readonly deterministic: boolean;
  /** An interval for the median; none where nothing varies or one repetition tells nothing. */
  readonly interval: Interval | undefined;
}

export interface Interval {
  readonly low: number;
  readonly high: number;
  /** Probability that such an interval holds the true median, at least. */
  readonly confidence: number;
}

/** All repetitions of one mechanism and policy on one workload at one swept point. */
export interface Group extends Coordinates {
  readonly swept: Readonly<Record<string, string>>;
  readonly metrics: Readonly<Partial<Record<MetricName, Summary>>>;
  /** Values by metric and repetition, for comparisons in pairs. */
  readonly values: ReadonlyMap<MetricName, ReadonlyMap<number, number>>;
}

/** Groups in the order of their first row. */
export function summarize(rows: readonly Measurement[]): Group[] {
  const byKey = new Map<string, Measurement[]>();
  for (const row of rows) {
    const key = JSON.stringify([coordinatesBy((name) => row[name]), row.swept]);
    const group = byKey.get(key);
    if (group === undefined) byKey.set(key, [row]);
    else group.push(row);
  }
  return [...byKey.values()].map((group) => {
    const [first] = group as [Measurement];
    const values = new Map<MetricName, Map<number, number>>();
    for (const { metric, repetition, value } of group) {
      const ofMetric = values.get(metric) ?? new Map<number, number>();
      values.set(metric, ofMetric.set(repetition, value));
    }
    const metrics = Object.fromEntries(
      [...values].map(([metric, ofMetric]) => [metric, summaryOf([...ofMetric.values()])]),
    );
    const at = coordinatesBy((name) => first[name]);
    return { ...at, swept: first.swept, metrics, values };
  });
}

export function summaryOf(values: readonly number[]): Summary {
  // -0 becomes 0, since sorting leaves the two in the order they came.
  const sorted = values.map((value) => value + 0).sort((a, b) => a - b);
  const repetitions = sorted.length;
  if (repetitions === 0) throw new RangeError('summaryOf requires at least one value');
  const varies = sorted[0] !== sorted[repetitions - 1];
  return {
    repetitions,
    median: medianSorted(sorted),
    deterministic: repetitions > 1 && !varies,
    interval: varies ? medianInterval(sorted) : undefined,
  };
}

/**
 * Distribution-free interval for the median between two order statistics: from the k-th smallest to
 * the k-th largest value, with the greatest k whose coverage 1 - 2 P(Binomial(n, 1/2) < k) is 95 % or
 * more. Equal to `scipy.stats.quantile_test(values, p=0.5).confidence_interval(0.95)`. Below six
 * values no k reaches 95 %: then it is the whole range, and `confidence` tells what that is worth.
 */
export function medianInterval(sorted: readonly number[]): Interval {
  const n = sorted.length;
  let k = 1;
  // P(Binomial(n, 1/2) = 0), then added up; for n > 1000 it is below the smallest double.
  let below = binomialHalf(n, 0);
  let outside = 2 * below;
  for (let next = 1; next <= (n - 1) / 2; next++) {
    below += binomialHalf(n, next);
    if (2 * below > 0.05) break;
    k = next + 1;
    outside = 2 * below;
  }
  return { low: sorted[k - 1]!, high: sorted[n - k]!, confidence: 1 - outside };
}

/** P(Binomial(n, 1/2) = k), by logarithms so that large n do not overflow. */
function binomialHalf(n: number, k: number): number {
  let log = -n * Math.LN2;
  for (let i = 1; i <= k; i++) log += Math.log((n - k + i) / i);
  return Math.exp(log);
}

/** How one metric of a group compares with a baseline's, repetition by repetition. */
export interface Comparison {
  readonly ratio: Summary | undefined;
  readonly difference: Summary;
}

/**
 * Compares in pairs: the same repetition of both groups drew the same random numbers, so the spread
 * they share cancels. The median is that of the pairs' ratios, not the ratio of medians. Pairs whose
 * baseline is zero have no ratio.
 */
export function compare(group: Group, baseline: Group, metric: MetricName): Comparison | undefined {
  const base = baseline.values.get(metric);
  const ratios: number[] = [];
  const differences: number[] = [];
  for (const [repetition, value] of group.values.get(metric) ?? []) {
    const against = base?.get(repetition);
    if (against === undefined) continue;
    differences.push(value - against);
    if (against !== 0) ratios.push(value / against);
  }
  if (differences.length === 0) return undefined;
  return {
    ratio: ratios.length === 0 ? undefined : summaryOf(ratios),
    difference: summaryOf(differences),
  };
}

/**
 * What a policy costs over the one that knows the coming accesses: the difference of end-to-end
 * latency in pairs, for the same mechanism, backend and point. Undefined without a clairvoyant run, and where
 * there are several.
 */
export function regret(group: Group, groups: readonly Group[]): Summary | undefined {
  const bound = sole(
    groups.filter(
      (other) =>
        other.policy === 'clairvoyant' &&
        other.mechanism === group.mechanism &&
        haveSameSurroundings(other, group) &&
        meet(other, group),
    ),
  );
  return bound && compare(group, bound, 'end_to_end_ms')?.difference;
}
