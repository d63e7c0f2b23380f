/** The tidy table of an experiment's measurements: one row per trial and metric. */

import type { Trial } from '../backend.ts';
import { type MetricName, metricNames } from '../metrics.ts';
import { readCsv, writeCsv } from './csv.ts';
import type { Outcome } from './outcome.ts';

const before_swept = ['experiment', 'backend', 'mechanism', 'policy', 'workload', 'repetition'];
const after_swept = ['metric', 'value'];

/** One number that one trial measured, with all that tells its trial from the others. */
export interface Measurement {
  readonly experiment: string;
  readonly backend: string;
  readonly mechanism: string;
  /** `none` for a mechanism without policies. */
  readonly policy: string;
  readonly workload: string;
  readonly repetition: number;
  /** Swept values as text, by key path. */
  readonly swept: Readonly<Record<string, string>>;
  readonly metric: MetricName;
  readonly value: number;
}

/** Rows in trial order and metric order; trials without measurements have none. */
export function measurementsOf(
  trials: readonly Trial[],
  outcomes: ReadonlyMap<number, Outcome>,
): Measurement[] {
  return trials.flatMap((trial) => {
    const outcome = outcomes.get(trial.index);
    if (outcome?.status !== 'done') return [];
    const about = {
      experiment: trial.experiment,
      backend: trial.backend,
      mechanism: trial.mechanism,
      policy: trial.policy?.name ?? 'none',
      workload: trial.workload.name,
      repetition: trial.repetition,
      swept: Object.fromEntries(Object.entries(trial.swept).map(([k, v]) => [k, String(v)])),
    };
    return metricNames.flatMap((metric) => {
      const value = outcome.measurements[metric];
      return value === undefined ? [] : [{ ...about, metric, value }];
    });
  });
}

/** The CSV text; `swept` are the swept key paths in the experiment's order. */
export function writeMeasurements(rows: readonly Measurement[], swept: readonly string[]): string {
  return writeCsv([
    [...before_swept, ...swept, ...after_swept],
    ...rows.map((row) => [
      row.experiment,
      row.backend,
      row.mechanism,
      row.policy,
      row.workload,
      String(row.repetition),
      ...swept.map((path) => row.swept[path] ?? ''),
      row.metric,
      String(row.value),
    ]),
  ]);
}

/** Reads what `writeMeasurements` wrote; throws a `RangeError` that says which column is wrong. */
export function readMeasurements(text: string): { rows: Measurement[]; swept: string[] } {
  const [header = [], ...records] = readCsv(text);
  const swept = header.slice(before_swept.length, -after_swept.length);
  const expected = [...before_swept, ...swept, ...after_swept];
  if (header.length !== expected.length || header.some((name, i) => name !== expected[i])) {
    throw new RangeError(`the columns are not ${before_swept.join()},…,${after_swept.join()}`);
  }
  // A value whose last digits are missing is a number all the same.
  if (!text.endsWith('\n')) throw new RangeError('the last line has no end: the file is cut short');
  const rows = records.map((record, index): Measurement => {
    const [experiment, backend, mechanism, policy, workload, repetition] = record as [
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    const [metric, value] = record.slice(-after_swept.length) as [string, string];
    if (!metricNames.includes(metric as MetricName)) {
      throw new RangeError(`row ${index + 1}: no metric is named ${metric}`);
    }
    return {
      experiment,
      backend,
      mechanism,
      policy,
      workload,
      repetition: numberOf(repetition, 'repetition', index),
      swept: Object.fromEntries(swept.map((path, i) => [path, record[before_swept.length + i]!])),
      metric: metric as MetricName,
      value: numberOf(value, 'value', index),
    };
  });
  return { rows, swept };
}

function numberOf(text: string, column: string, index: number): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number)) {
    throw new RangeError(`row ${index + 1}: ${column} is not a number: ${text}`);
  }
  return number;
}
