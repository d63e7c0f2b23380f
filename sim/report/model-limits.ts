/**
 * Where the model is known to be off, and where it was fitted on nothing alike: from calibration.json,
 * which `npm run --silent calibrate:known` writes.
 */

import { readFileSync } from 'node:fs';
import { runsModel } from '../backends/registry.ts';
import type { Experiment } from '../experiment/experiment.ts';
import type { MetricName } from '../metrics.ts';
import { fittedParameters } from '../plugins.ts';
import type { Group } from '../results/summarize.ts';
import { ns_per_ms, pages_per_mb } from '../units.ts';
import type { Workload } from '../workload/workload.ts';
import { isAsFitted, numbersOfChildren, settingsOf, unlikeFitted } from './fit-fabric.ts';

export interface Known {
  readonly source: string;
  readonly functions: readonly string[];
  /** Smallest and largest value among the functions that parameters were fitted on. */
  readonly fields: Readonly<Record<string, readonly [number, number]>>;
  /** Preset of the fabric that all of this holds on. */
  readonly fabric: string;
  readonly rows: readonly KnownRow[];
}

/** A published time beside the model’s. */
export interface KnownRow {
  readonly workload: string;
  readonly mechanism: string;
  readonly policy?: string;
  readonly metric: MetricName;
  readonly published: number;
  readonly modelled: number;
  readonly figure: string;
}

/** An error that a reader would take for a result. */
const large_error = 0.1;
/** Two published times that differ by less are read off the figure as one. */
const small_difference = 0.01;
/** From here on a time is rather its fitted constants than what the function does. */
const large_share = 0.25;

let loaded: Known | undefined;
function known(): Known {
  loaded ??= JSON.parse(
    readFileSync(new URL('calibration.json', import.meta.url), 'utf8'),
  ) as Known;
  return loaded;
}

/** Notes for the rows of these groups, none where no trial was simulated. */
export function modelLimits(experiment: Experiment, groups: readonly Group[]): string[] {
  const simulated = groups.filter(
    ({ backend, workload }) =>
      runsModel(backend) && experiment.workloads.some(({ name }) => name === workload),
  );
  if (simulated.length === 0) return [];
  return [
    ...deviations(experiment, simulated),
    ...outsideFit(experiment, simulated),
    ...ofConstants(experiment, simulated),
  ];
}

/**
 * Published times of shown rows that the model misses by far, or puts in another order; of rows under the
 * published settings alone, since nothing is published of any others.
 */
function deviations(experiment: Experiment, all: readonly Group[]): string[] {
  const groups = all.filter((group) => isAsFitted(experiment, group, known().fabric));
  const shipped = experiment.workloads.filter(isAsPublished).map(({ name }) => name);
  const rows = known().rows.filter(
    ({ workload, mechanism, policy }) =>
      shipped.includes(workload) &&
      groups.some(
        (group) =>
          group.workload === workload &&
          group.mechanism === mechanism &&
          (policy === undefined || group.policy === policy),
      ),
  );
  const far = rows.filter(({ published, modelled }) => {
    return Math.abs(modelled / published - 1) > large_error;
  });
  const turned = rows.flatMap((a, i) =>
    rows.slice(i + 1).flatMap((b) => (isTurned(a, b) ? [[a, b] as const] : [])),
  );
  return [
    ...listed(
      'Known to be off on the paper’s testbed (docs/calibration.md)',
      far.map(
        (row) =>
          `${named(row)}: published ${row.published.toFixed(2)} ms (figure ${row.figure}), model ` +
          `${row.modelled.toFixed(2)} ms (${percent(row.modelled / row.published - 1)})`,
      ),
    ),
    ...listed(
      'The other way round in the paper',
      turned.map(([a, b]) => {
        const [less, more] = a.published < b.published ? [a, b] : [b, a];
        return (
          `${less.workload} ${less.mechanism}, ${metricWords(less.metric)}: ${less.policy} ` +
          `${less.published.toFixed(2)} ms, ${more.policy} ${more.published.toFixed(2)} ms ` +
          `(model ${less.modelled.toFixed(2)} and ${more.modelled.toFixed(2)} ms)`
        );
      }),
    ),
  ];
}

function listed(head: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : [`${head}: ${items.join('; ')}.`];
}

/** A shipped profile, no field of which the experiment chose. */
function isAsPublished(workload: Workload): boolean {
  return (
    workload.kind === 'profile' &&
    workload.source.includes(known().source.split(': ')[1]!.split(',')[0]!) &&
    !Object.values(workload.sources).includes('set by the experiment')
  );
}

function isTurned(a: KnownRow, b: KnownRow): boolean {
  if (a.workload !== b.workload || a.mechanism !== b.mechanism || a.metric !== b.metric)
    return false;
  if (a.policy === undefined || b.policy === undefined) return false;
  const apart = Math.abs(a.published / b.published - 1) > small_difference;
  return apart && (a.published - b.published) * (a.modelled - b.modelled) < 0;
}

function named({ workload, mechanism, policy, metric }: KnownRow): string {
  return `${[workload, mechanism, policy].filter(Boolean).join(' ')}, ${metricWords(metric)}`;
}

function metricWords(metric: MetricName): string {
  return metric === 'warm_ms' ? 'warm' : 'end to end';
}

function percent(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(100 * value).toFixed(1)} %`;
}

/** Functions and fabrics unlike those that fitted parameters were fitted on. */
function outsideFit(experiment: Experiment, groups: readonly Group[]): string[] {
  const fitted = fittedNames(experiment);
  if (fitted.length === 0) return [];
  const { functions, fields, fabric } = known();
  const workloads = groups.map((group) => settingsOf(experiment, group).workload);
  const far = distinct(
    workloads.flatMap((workload) => {
      const outside = Object.entries(sizesOf(workload)).flatMap(([field, value]) => {
        const [low, high] = fields[field] ?? [value, value];
        const unit = field.endsWith('_mb') ? 'MiB' : 'ms';
        if (value === undefined || (low <= value && value <= high)) return [];
        return [`${field} ${Number(value.toPrecision(3))} ${unit}, fitted ${low} to ${high}`];
      });
      return outside.length === 0 ? [] : [`${workload.name} (${outside.join('; ')})`];
    }),
  );
  const unlike = unlikeFitted(experiment, groups, fabric);
  const children = numbersOfChildren(experiment, groups);
  const what = `fitted on ${functions.length} functions (${functions.join(', ')}): ${fitted.join(', ')}`;
  return [
    ...(far.length > 0
      ? [
          `Outside the range of the fit: ${far.join('; ')}. There is an extrapolation of what was ${what}.`,
        ]
      : []),
    ...(unlike.length > 0 ? [`Outside the range of the fit: ${unlike.join('; ')}.`] : []),
    ...(children.length > 0
      ? [`Outside the range of the fit: ${children.join(' and ')} children, fitted on one child.`]
      : []),
  ];
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}

function sizesOf(workload: Workload): Record<string, number | undefined> {
  switch (workload.kind) {
    case 'profile':
      return { footprint_mb: workload.footprint_mb, warm_ms: workload.warm_ms };
    case 'live': {
      const pages = workload.recording?.pages.reduce((sum, [, count]) => sum + count, 0);
      const footprint_mb = pages === undefined ? undefined : pages / pages_per_mb;
      return { footprint_mb, warm_ms: workload.warm_ms };
    }
    case 'trace':
      return { footprint_mb: workload.layout.resident_pages / pages_per_mb };
  }
}

function fittedNames({ mechanisms, parameters }: Experiment): string[] {
  return fittedParameters(mechanisms, parameters)
    .filter(({ source }) => !source.includes('inputs'))
    .map(({ name }) => name.replace('parameters.', ''));
}

/** Rows of which a great part is a fitted constant, whatever the function does. */
function ofConstants(experiment: Experiment, groups: readonly Group[]): string[] {
  const fixed = fittedParameters(experiment.mechanisms, experiment.parameters).flatMap(
    ({ name, value }) => {
      const [, plugin, parameter] = name.split('.') as [string, string, string];
      return /fixed|global/.test(parameter) ? [{ plugin, parameter, ms: value / ns_per_ms }] : [];
    },
  );
  const told = new Map<string, string[]>();
  for (const { mechanism, workload, metrics } of groups) {
    const own = fixed.filter(({ plugin }) => plugin === mechanism);
    const total_ms = metrics.end_to_end_ms?.median;
    const sum_ms = own.reduce((sum, { ms }) => sum + ms, 0);
    if (own.length === 0 || total_ms === undefined || sum_ms / total_ms < large_share) continue;
    const what = own.map(({ parameter, ms }) => `${parameter} ${Number(ms.toPrecision(3))} ms`);
    const key = `${mechanism} (${what.join(', ')})`;
    const share = `${workload} ${Math.round((100 * sum_ms) / total_ms)} %`;
    if (!told.get(key)?.includes(share)) told.set(key, [...(told.get(key) ?? []), share]);
  }
  return [...told].map(
    ([key, shares]) =>
      `Fitted constants are a great part of end-to-end times of ${key}: ${shares.join(', ')}.`,
  );
}
