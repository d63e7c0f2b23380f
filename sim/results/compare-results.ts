/**
 * Holds two sets of results against each other, metric by metric.
 *
 *     rows of A ─► groups ─┐  matched by mechanism, policy, workload, swept values that both read
 *     rows of B ─► groups ─┴► per metric: paired, or two samples ─► difference ─► verdict
 *
 * *Paired* are two runs of the simulator with one seed: the same repetition drew the same random
 * numbers, so whatever differs is the program's doing. All else is two independent samples.
 */

import { definitionOf } from '../backends/registry.ts';
import { besideSides, type Coordinates, coordinatesBy } from '../experiment/dimensions.ts';
import { gathered } from '../gathered.ts';
import type { MetricKind, MetricName } from '../metrics.ts';
import { metricNames, metrics } from '../metrics.ts';
import type { Measurement } from './measurements-csv.ts';
import { joint, sweptMeet } from './points.ts';
import { shiftInterval } from './shift-interval.ts';
import { compare, type Group, type Interval, type Summary, summarize } from './summarize.ts';

/** What a table of verdicts must explain, by verdict. */
export const verdicts = {
  equal: 'all values are the same on both sides',
  'within-noise': 'the interval of the difference holds zero',
  different:
    'the interval of the difference excludes zero with 95 %, or numbers without noise differ',
  undecided: 'the values differ, and are too few to tell a difference from noise',
  'only-in-A': 'B has no such row or metric',
  'only-in-B': 'A has no such row or metric',
  'relative-times': 'times of an emulator are only good for ratios, and are not compared',
} as const;

export type Verdict = keyof typeof verdicts;

/** One side of a comparison. */
export interface Side {
  readonly rows: readonly Measurement[];
  readonly seed: number;
  /** Whether times of its backend tell nothing about any machine. */
  readonly relative_times: boolean;
}

export interface MetricDifference extends Omit<Coordinates, 'backend'> {
  readonly swept: Readonly<Record<string, string>>;
  readonly metric: MetricName;
  readonly verdict: Verdict;
  readonly a: Summary | undefined;
  readonly b: Summary | undefined;
  /** Whether equal repetitions drew equal random numbers, so that nothing of it is noise. */
  readonly paired?: boolean;
  /** B less A, in the metric's unit. */
  readonly difference?: number;
  /** The difference over A; none where A is zero. */
  readonly relative?: number;
  /** Of the difference; none where nothing varies. */
  readonly interval?: Interval;
}

/** Whether a backend does the same for the same seed; all others measure. */
const isComputed = (backend: string) => definitionOf(backend)?.clock === 'computed';
/** Times vary where machines run; everything else that a machine reports is counted. */
const measured: MetricKind = 'time';
const enough_confidence = 0.95;

/** All metrics of all rows of both sides, in the order of A, then of B. */
export function compareResults(a: Side, b: Side): MetricDifference[] {
  return matched(summarize(a.rows), summarize(b.rows)).flatMap(([left, right]) =>
    metricNames.flatMap((metric) => {
      const summaries = { a: left?.metrics[metric], b: right?.metrics[metric] };
      if (summaries.a === undefined && summaries.b === undefined) return [];
      const { backend: _, ...at } = coordinatesBy((name) => (left ?? right)![name]);
      const swept = left && right ? joint(left.swept, right.swept) : (left ?? right)!.swept;
      const judged =
        summaries.b === undefined
          ? ({ verdict: 'only-in-A' } as const)
          : summaries.a === undefined
            ? ({ verdict: 'only-in-B' } as const)
            : judge(left!, right!, metric, a, b);
      return [{ ...at, swept, metric, ...summaries, ...judged }];
    }),
  );
}

/** Groups of both sides that hold at one point; with nothing those that no group of the other side meets. */
function matched(of_a: readonly Group[], of_b: readonly Group[]): [Group?, Group?][] {
  const mates = new Map(of_a.map((group) => [group, [] as Group[]]));
  const b_of = gathered(of_b, systemOf);
  const alone = new Set(of_b);
  for (const [group, own] of mates) {
    for (const other of b_of.get(systemOf(group)) ?? []) {
      if (!sweptMeet(group.swept, other.swept)) continue;
      own.push(other);
      alone.delete(other);
    }
  }
  return [
    ...[...mates].flatMap(([group, own]): [Group?, Group?][] =>
      own.length === 0 ? [[group, undefined]] : own.map((other) => [group, other]),
    ),
    ...[...alone].map((group): [Group?, Group?] => [undefined, group]),
  ];
}

/** What else must be equal, and which settings are swept at all. */
function systemOf(group: Group): string {
  return JSON.stringify([besideSides(group), Object.keys(group.swept).sort()]);
}

type Judged = Pick<MetricDifference, 'verdict' | 'paired' | 'difference' | 'relative' | 'interval'>;

function judge(left: Group, right: Group, metric: MetricName, a: Side, b: Side): Judged {
  const is_time = metrics[metric].kind === measured;
  if (is_time && (a.relative_times || b.relative_times)) return { verdict: 'relative-times' };
  const same_seed = a.seed === b.seed;
  const both_computed = isComputed(left.backend) && isComputed(right.backend);
  if (same_seed && both_computed) return paired(left, right, metric);
  return independent(left, right, metric, same_seed && !is_time);
}

/** Nothing is left to chance: one repetition that differs is a difference. */
function paired(left: Group, right: Group, metric: MetricName): Judged {
  const values = right.values.get(metric)!;
  const common = [...left.values.get(metric)!.keys()].some((repetition) => values.has(repetition));
  // Other repetitions, other random numbers.
  if (!common) return independent(left, right, metric, false);
  const { difference } = compare(right, left, metric)!;
  const same = difference.median === 0 && difference.interval === undefined;
  if (same) return { verdict: 'equal', paired: true, difference: 0, relative: 0 };
  const { median, interval } = difference;
  return { paired: true, ...sized('different', median, left, metric, interval) };
}

/** `exact`: the values are counts of the same input, without noise unless they show some. */
function independent(left: Group, right: Group, metric: MetricName, exact: boolean): Judged {
  const from = [...left.values.get(metric)!.values()];
  const to = [...right.values.get(metric)!.values()];
  const varies = [from, to].some((values) => new Set(values).size > 1);
  if (!varies && from[0] === to[0]) return { verdict: 'equal', difference: 0, relative: 0 };
  if (!varies && exact) return sized('different', to[0]! - from[0]!, left, metric, undefined);
  const { shift, interval } = shiftInterval(from, to);
  const verdict =
    interval.low <= 0 && interval.high >= 0
      ? 'within-noise'
      : interval.confidence >= enough_confidence
        ? 'different'
        : 'undecided';
  return sized(verdict, shift, left, metric, varies ? interval : undefined);
}

function sized(
  verdict: Verdict,
  difference: number,
  left: Group,
  metric: MetricName,
  interval: Interval | undefined,
): Judged {
  const base = left.metrics[metric]!.median;
  return {
    verdict,
    difference,
    // Numbers that only an editor wrote may overflow.
    ...(Number.isFinite(difference / base) && { relative: difference / Math.abs(base) }),
    ...(interval && { interval }),
  };
}
