/** A group as data: medians and intervals, and what the model's own errors make of them. */

import type { Experiment } from '../experiment/experiment.ts';
import type { MetricName } from '../metrics.ts';
import type { Group, Summary } from '../results/summarize.ts';
import { type Basis, basisOf } from './basis.ts';
import { type ErrorBand, errorBand } from './error-bands.ts';

export interface GroupWithBands extends Omit<Group, 'values' | 'metrics'> {
  /** Absent of what was measured on a kernel. */
  readonly basis?: Basis;
  readonly metrics: Readonly<Partial<Record<MetricName, Summary & { readonly band?: ErrorBand }>>>;
}

export function summaryWithBands(experiment: Experiment, group: Group): GroupWithBands {
  const { values: _, metrics, ...about } = group;
  const basis = basisOf(experiment, group);
  const banded = Object.entries(metrics).map(([name, summary]) => {
    const band = errorBand(experiment, group, name as MetricName);
    return [name, { ...summary, ...(band && { band }) }];
  });
  return { ...about, ...(basis && { basis }), metrics: Object.fromEntries(banded) };
}
