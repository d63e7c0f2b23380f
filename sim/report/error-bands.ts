/** Bands of the model's own error around simulated times: from calibration.json, by mechanism, policy and phase. */

import { runsModel } from '../backends/registry.ts';
import type { Experiment } from '../experiment/experiment.ts';
import type { MetricName } from '../metrics.ts';
import type { Group } from '../results/summarize.ts';
import { settingsOf } from './fit-fabric.ts';
import { type BandFunction, type BandRow, isAsPublished, known } from './known.ts';

/** Around one median, in its unit. */
export interface ErrorBand {
  readonly low: number;
  readonly high: number;
  /** Why it is wider than a band that one would rely on; absent where it is not. */
  readonly wide?: string;
}

/** Beyond this share of the time on either side a reader is told why. */
export const wide_share = 0.25;

/** Share of published times that bands are to hold. */
export function bandShare(): number {
  return known().bands.share;
}

/** Of a time that was measured on a real kernel, that is an input, or of which nothing alike is published: none. */
export function errorBand(
  experiment: Experiment,
  group: Group,
  metric: MetricName,
): ErrorBand | undefined {
  const median = group.metrics[metric]?.median;
  const factors = bandFactors(experiment, group, metric);
  if (median === undefined || factors === undefined) return undefined;
  const wide = whyWide(factors, factors.row, factors.own);
  return {
    low: factors.low * median,
    high: factors.high * median,
    ...(wide !== undefined && { wide }),
  };
}

/** The function that the model is furthest off on, among those that the band is made of; nothing where it is narrow. */
export function whyWide(
  { low, high }: { readonly low: number; readonly high: number },
  { functions }: Pick<BandRow, 'functions'>,
  left_out?: string,
): string | undefined {
  if (low >= 1 - wide_share && high <= 1 + wide_share) return undefined;
  const off = (ratio: number) => Math.abs(Math.log(ratio));
  const ratios = Object.entries(functions).flatMap(([name, { published_over_modelled }]) =>
    name === left_out ? [] : published_over_modelled.map((ratio) => ({ name, ratio })),
  );
  const { name, ratio } = ratios.reduce((furthest, each) =>
    off(each.ratio) > off(furthest.ratio) ? each : furthest,
  );
  return `published is ${ratio} times the model on ${name}`;
}

interface Factors {
  readonly low: number;
  readonly high: number;
  readonly row: BandRow;
  /** The function itself, where its band comes from the others. */
  readonly own?: string;
}

/** What a simulated time is multiplied by at the ends of its band. */
export function bandFactors(
  experiment: Experiment,
  group: Pick<Group, BandKey>,
  metric: MetricName,
): Factors | undefined {
  const { backend, mechanism, policy, workload } = group;
  const { workloads, ranges } = experiment;
  if (!runsModel(backend) || !workloads.some(({ name }) => name === workload)) return undefined;
  const row = rowOf(mechanism, policy, metric);
  if (row === undefined) return undefined;
  const published =
    isAsPublished(settingsOf(experiment, group).workload) &&
    !ranges.some(({ path }) => path.startsWith('workload.'));
  const own = published ? row.functions[workload] : undefined;
  const { low, high } = own ?? row;
  return { low, high, row, ...(own && { own: workload }) };
}

/** What a band depends on. */
type BandKey = 'backend' | 'mechanism' | 'policy' | 'workload' | 'swept';

/** That of a function that times are published of. */
export function publishedBand(
  mechanism: string,
  policy: string | undefined,
  metric: MetricName,
  workload: string,
): BandFunction | undefined {
  return rowOf(mechanism, policy, metric)?.functions[workload];
}

/** The policy's own; where nothing is published of it, that of all policies. */
function rowOf(
  mechanism: string,
  policy: string | undefined,
  metric: MetricName,
): BandRow | undefined {
  const rows = known().bands.rows.filter(
    (row) => row.mechanism === mechanism && row.metric === metric,
  );
  return rows.find((row) => row.policy === policy) ?? rows.find((row) => row.policy === undefined);
}
