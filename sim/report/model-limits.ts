/** Where the model is known to be off, and where it was fitted on nothing alike: from what the calibration knows. */

import { runsModel } from '../backends/registry.ts';
import type { Experiment } from '../experiment/experiment.ts';
import type { MetricName } from '../metrics.ts';
import { fittedParameters } from '../plugins.ts';
import type { Group } from '../results/summarize.ts';
import { ns_per_ms } from '../units.ts';
import { publishedBand } from './error-bands.ts';
import { isAsFitted, numbersOfChildren, settingsOf, unlikeFitted } from './fit-fabric.ts';
import { outsideSizes } from './fit-sizes.ts';
import { isAsPublished, type KnownRow, known } from './known.ts';

/** An error that a reader would take for a result. */
const large_error = 0.1;
/** Two published times that differ by less are read off the figure as one. */
const small_difference = 0.01;
/** From here on a time is rather its fitted constants than what the function does. */
const large_share = 0.25;

/** Notes for the rows of these groups, none where no trial was simulated. */
export function modelLimits(experiment: Experiment, groups: readonly Group[]): string[] {
  const simulated = groups.filter(
    ({ backend, workload }) =>
      runsModel(backend) &&
      experiment.workloads.some(({ name, kind }) => name === workload && kind !== 'llm'),
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
  return deviationsOf(rows);
}

/** What is far from what is published, and what stands the other way round there. */
export function deviationsOf(rows: readonly KnownRow[]): string[] {
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
          `${row.modelled.toFixed(2)} ms (${percent(row.modelled / row.published - 1)})${isOutside(row) ? ', outside its band' : ''}`,
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

/** Whether the band that the other functions give does not hold it. */
function isOutside({ workload, mechanism, policy, metric, published, modelled }: KnownRow) {
  const band = publishedBand(mechanism, policy, metric, workload);
  return band && (published < band.low * modelled || published > band.high * modelled);
}

function listed(head: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : [`${head}: ${items.join('; ')}.`];
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
  const { functions, fabric } = known();
  const workloads = groups.map((group) => settingsOf(experiment, group).workload);
  const far = distinct(
    workloads.flatMap((workload) => {
      const outside = outsideSizes(workload);
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
