/**
 * The tidy rows that figures for print are drawn from: a median a row, with its band and what is published of it.
 *
 *     measurements, series ─► medians ─► over what they are relative to ─► with their geometric mean ─► rows in the order of series
 */

import type { Experiment } from '../../experiment/experiment.ts';
import type { PrintFigure } from '../../experiment/figure-file.ts';
import type { MetricName } from '../../metrics.ts';
import type { Measurement } from '../../results/measurements-csv.ts';
import type { SeriesPoint } from '../../results/series-csv.ts';
import { summaryOf } from '../../results/summarize.ts';
import { bandFactors } from '../error-bands.ts';
import { type Against, meansOf } from './means.ts';
import { mean_label, named, type Point } from './point.ts';
import { type PublishedValues, publishedValue } from './published.ts';
import { basesOf, type Sample, samplesOf, seriesSamples } from './samples.ts';
import { functionLabel, placeOf } from './style.ts';

export interface Tables {
  readonly rows: readonly Measurement[];
  /** Series that the figure needs. */
  readonly series: readonly SeriesPoint[];
}

export function pointsOf(
  { print }: Pick<PrintFigure, 'print'>,
  experiment: Experiment,
  { rows, series }: Tables,
  published: PublishedValues | undefined,
): Point[] {
  const { workloads, mechanisms, policies, relative_to, mean } = print;
  const functions = experiment.workloads.map(({ name }) => name);
  const against = { published, relative_to };
  const tables = [samplesOf(rows), seriesSamples(series, functions)].map((samples) => {
    const base = relative_to === undefined ? undefined : basesOf(samples, relative_to);
    const shown = samples.filter(
      ({ workload, policy, mechanism }) =>
        (workloads === undefined || workloads.includes(workload)) &&
        (policies === undefined || policy === 'none' || policies.includes(policy)) &&
        (mechanisms === undefined || mechanisms.includes(mechanism)),
    );
    const points = shown.flatMap((sample) => pointOf(experiment, sample, base, against));
    return [...points, ...(mean ? meansOf(points, against) : [])];
  });
  const points = tables.flat();
  const all = [
    ...points.filter((each) => each.function !== mean_label),
    ...inputsOf(experiment, workloads),
    ...unmodelled(points, published),
    ...points.filter((each) => each.function === mean_label),
  ];
  return all
    .map((point, index) => ({ point, index }))
    .sort((a, b) => order(a.point, b.point) || a.index - b.index)
    .map(({ point }) => point);
}

function pointOf(
  experiment: Experiment,
  sample: Sample,
  baseOf: ((sample: Sample) => Sample | undefined) | undefined,
  { published, relative_to }: Against,
): Point[] {
  const base = baseOf?.(sample);
  const above = summaryOf([...sample.values.values()]).median;
  const below = base && summaryOf([...base.values.values()]).median;
  if (baseOf !== undefined && (below === undefined || below === 0)) return [];
  const value = above / (below ?? 1);
  const { mechanism, policy, workload, at } = sample;
  const metric = sample.metric as MetricName;
  // The error of a ratio is not that of what stands above.
  const band = base === undefined ? bandFactors(experiment, sample, metric) : undefined;
  const known =
    published && publishedValue(published, { metric, mechanism, policy, workload, relative_to });
  return [
    {
      ...named(sample),
      ...{ metric, value, ...(at !== undefined && { at }) },
      ...(base && { undivided: above }),
      ...(band && { low: band.low * value, high: band.high * value }),
      ...rangeOf(sample, base),
      ...(known !== undefined && { published: known }),
    },
  ];
}

/** Over repetitions, each divided by its own base; nothing where there is one, or all agree. */
function rangeOf({ values }: Sample, base: Sample | undefined): Pick<Point, 'least' | 'most'> {
  const all = [...values].flatMap(([repetition, value]) => {
    const below = base === undefined ? 1 : base.values.get(repetition);
    return below === undefined || below === 0 ? [] : [value / below];
  });
  const [least, most] = [Math.min(...all), Math.max(...all)];
  return least < most ? { least, most } : {};
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
