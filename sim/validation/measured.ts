/** What an experiment's trials measured, as claims select from it. */

import type { Trial } from '../backend.ts';
import type { FabricSettings } from '../fabric/settings.ts';
import { type Measurements, metricNames } from '../metrics.ts';
import type { Outcome } from '../results/outcome.ts';
import { TrialFailed } from '../results/trial-failed.ts';
import type { SeriesOf } from '../series.ts';

/** A point of an experiment: what it is, and the median over its repetitions of each metric. */
export interface MeasuredRow {
  readonly mechanism: string;
  readonly policy: string | undefined;
  readonly workload: string;
  readonly swept: Trial['swept'];
  readonly fabric: FabricSettings;
  readonly metrics: Measurements;
  /** Of the first repetition. */
  readonly series: SeriesOf;
  /** Why nothing was measured. */
  readonly reason?: string;
}

export interface MeasuredExperiment {
  readonly rows: readonly MeasuredRow[];
}

/** Outcomes stand in the order of trials. */
export function measuredExperiment(
  trials: readonly Trial[],
  outcomes: readonly Outcome[],
): MeasuredExperiment {
  const points = new Map<string, { trial: Trial; outcomes: Outcome[] }>();
  for (const [index, trial] of trials.entries()) {
    const { mechanism, policy, workload, swept } = trial;
    const key = JSON.stringify([mechanism, policy?.name, workload.name, swept]);
    const point = points.get(key) ?? { trial, outcomes: [] };
    point.outcomes.push(outcomes[index]!);
    points.set(key, point);
  }
  return { rows: [...points.values()].map(rowOf) };
}

function rowOf({ trial, outcomes }: { trial: Trial; outcomes: readonly Outcome[] }): MeasuredRow {
  const { mechanism, policy, workload, swept, fabric } = trial;
  const point = { mechanism, policy: policy?.name, workload: workload.name, swept, fabric };
  for (const outcome of outcomes) {
    const words = [mechanism, policy?.name, workload.name].filter(Boolean).join(', ');
    if (outcome.status === 'failed') {
      throw new TrialFailed(`a trial failed (${words}): ${outcome.reason}`);
    }
    if (outcome.status === 'skipped')
      return { ...point, metrics: {}, series: {}, reason: outcome.reason };
  }
  const measured = outcomes.flatMap((each) => (each.status === 'done' ? [each.measurements] : []));
  const metrics: Measurements = {};
  for (const name of metricNames) {
    const values = measured.flatMap((each) => (each[name] === undefined ? [] : [each[name]]));
    if (values.length === measured.length) metrics[name] = middle(values);
  }
  const [first] = outcomes;
  const series = first?.status === 'done' ? (first.series ?? {}) : {};
  return { ...point, metrics, series };
}

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = (sorted.length - 1) / 2;
  return (sorted[Math.floor(half)]! + sorted[Math.ceil(half)]!) / 2;
}
