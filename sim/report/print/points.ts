/**
 * The tidy rows that figures for print are drawn from: a median a row, with its band and what is published of it.
 *
 *     measurements ─► medians ─► over what they are relative to ─► with their geometric mean ─► rows in the order of series
 */

import { geometricMean } from 'simple-statistics';
import { runsModel } from '../../backends/registry.ts';
import type { Experiment } from '../../experiment/experiment.ts';
import type { PrintFigure } from '../../experiment/figure-file.ts';
import { type MetricName, metricNames } from '../../metrics.ts';
import type { Measurement } from '../../results/measurements-csv.ts';
import { peersOf, type Swept } from '../../results/points.ts';
import { type Group, summarize } from '../../results/summarize.ts';
import { bandFactors } from '../error-bands.ts';
import { type PublishedValues, publishedValue } from './published.ts';
import { functionLabel, labelOf, placeOf } from './style.ts';

export interface Point {
  readonly mechanism: string;
  readonly policy: string;
  readonly workload: string;
  readonly backend: string;
  /** How the figure names mechanism, policy and function. */
  readonly system: string;
  readonly tiering: string;
  readonly function: string;
  readonly metric: string;
  readonly value: number;
  /** Ends of the model's band; absent where it has none. */
  readonly low?: number;
  readonly high?: number;
  readonly published?: number;
  readonly swept: Swept;
}

/** The word under which the mean over functions stands. */
export const mean_label = 'Geomean';

export function pointsOf(
  { print }: Pick<PrintFigure, 'print'>,
  experiment: Experiment,
  rows: readonly Measurement[],
  published: PublishedValues | undefined,
): Point[] {
  const { workloads, mechanisms, policies, relative_to, mean } = print;
  const groups = summarize(rows).filter(
    ({ workload, policy, backend }) =>
      runsModel(backend) &&
      (workloads === undefined || workloads.includes(workload)) &&
      (policies === undefined || policy === 'none' || policies.includes(policy)),
  );
  const peers = peersOf(groups);
  const shown = groups.filter(
    ({ mechanism }) => mechanisms === undefined || mechanisms.includes(mechanism),
  );
  const points = shown.flatMap((group) => {
    const base = relative_to === undefined ? undefined : peers(group).find(isBase(relative_to));
    if (relative_to !== undefined && base === undefined) return [];
    return metricNames.flatMap((metric) =>
      pointOf(experiment, group, metric, base, { published, relative_to }),
    );
  });
  const all = [
    ...points,
    ...inputsOf(experiment, workloads),
    ...unmodelled(points, published),
    ...(mean ? meansOf(points, { published, relative_to }) : []),
  ];
  return all
    .map((point, index) => ({ point, index }))
    .sort((a, b) => order(a.point, b.point) || a.index - b.index)
    .map(({ point }) => point);
}

function isBase(mechanism: string) {
  return (group: Group) => group.mechanism === mechanism;
}

interface Against {
  readonly published: PublishedValues | undefined;
  readonly relative_to: string | undefined;
}

function pointOf(
  experiment: Experiment,
  group: Group,
  metric: MetricName,
  base: Group | undefined,
  { published, relative_to }: Against,
): Point[] {
  const median = group.metrics[metric]?.median;
  const below = base === undefined ? 1 : base.metrics[metric]?.median;
  if (median === undefined || below === undefined || below === 0) return [];
  const value = median / below;
  // The error of a ratio is not that of what stands above.
  const band = base === undefined ? bandFactors(experiment, group, metric) : undefined;
  const { mechanism, policy, workload } = group;
  const known =
    published && publishedValue(published, { metric, mechanism, policy, workload, relative_to });
  return [
    {
      ...named(group),
      metric,
      value,
      ...(band && { low: band.low * value, high: band.high * value }),
      ...(known !== undefined && { published: known }),
    },
  ];
}

function named({ mechanism, policy, workload, backend, swept }: Group) {
  return {
    ...{ mechanism, policy, workload, backend, swept },
    system: labelOf('system', mechanism),
    tiering: policy === 'none' ? '' : labelOf('tiering', policy),
    function: functionLabel(workload),
  };
}

/** Geometric means over functions, where each function has the number. */
function meansOf(points: readonly Point[], { published, relative_to }: Against): Point[] {
  const kinds = new Map<string, Point[]>();
  for (const point of points) {
    const key = JSON.stringify([point.mechanism, point.policy, point.metric, point.swept]);
    kinds.set(key, [...(kinds.get(key) ?? []), point]);
  }
  const all = new Set(points.map(({ workload }) => workload)).size;
  return [...kinds.values()].flatMap((same) => {
    if (same.length !== all || all < 2 || same.some(({ value }) => value <= 0)) return [];
    const [{ low: _, high: __, published: ___, ...first }] = same as [Point];
    const value = geometricMean(same.map((each) => each.value));
    const { metric, mechanism, policy } = first;
    const known =
      published && publishedValue(published, { metric, mechanism, policy, relative_to });
    const mean = { ...first, workload: '', function: mean_label, value };
    return [known === undefined ? mean : { ...mean, published: known }];
  });
}

/** What is published of each function and the simulator has no answer to, such as containers: `container_ms`. */
function unmodelled(points: readonly Point[], published: PublishedValues | undefined): Point[] {
  const functions = new Set(points.map(({ workload }) => workload));
  return (published?.claims ?? []).flatMap(({ family, key, unit, model, published: known }) => {
    if (model.how.name !== 'cannot-run' || !('value' in known)) return [];
    const { value } = known;
    const metric = `${family.replaceAll('-', '_')}_${unit}`;
    const of = [...functions].filter((workload) => (key ?? workload) === workload);
    return of.map((workload) => ({ ...ofFunction(workload), metric, value }));
  });
}

/** What functions are told to be, as numbers that figures draw: they are inputs, and have no mechanism. */
function inputsOf(experiment: Experiment, chosen: readonly string[] | undefined): Point[] {
  return experiment.workloads.flatMap((workload) => {
    if (workload.kind !== 'profile' || (chosen && !chosen.includes(workload.name))) return [];
    const { name, init_share, read_only_share, read_write_share, footprint_mb } = workload;
    const inputs = { init_share, read_only_share, read_write_share, footprint_mb };
    return Object.entries(inputs).map(([metric, value]) => ({
      ...ofFunction(name),
      metric,
      value,
    }));
  });
}

/** Of a function, however it is forked. */
function ofFunction(workload: string) {
  const nothing = { mechanism: '', policy: '', backend: '', system: '', tiering: '', swept: {} };
  return { ...nothing, workload, function: functionLabel(workload) };
}

/** Functions stay as the experiment lists them, which is their first appearance; the mean comes last. */
function order(a: Point, b: Point): number {
  return (
    Number(a.function === mean_label) - Number(b.function === mean_label) ||
    placeOf('system', a.mechanism) - placeOf('system', b.mechanism) ||
    placeOf('tiering', a.policy) - placeOf('tiering', b.policy)
  );
}
