/** The tidy table of an experiment's measurements: one row per trial and metric. */

import type { Scalar, Trial } from '../backend.ts';
import {
  type Coordinates,
  coordinatesBy,
  coordinatesOf,
  dimensionNames,
} from '../experiment/dimensions.ts';
import { after_swept, before_swept, measuredColumns } from '../experiment/measured-columns.ts';
import { type CsvSource, csvError, readCsv, writeCsv } from '../input/csv.ts';
import { expected } from '../input/expected.ts';
import { nearest } from '../input/nearest.ts';
import { type MetricName, metricNames } from '../metrics.ts';
import type { Outcome } from './outcome.ts';

/** What helps where stored results cannot be read. */
export const again = 'run the experiment again, with another --out';

/** All that tells a trial from the others. */
export interface Described extends Coordinates {
  readonly experiment: string;
  readonly repetition: number;
  /** Swept values as text, by key path; empty where its trial does not read the setting. */
  readonly swept: Readonly<Record<string, string>>;
  /** What its repetition drew from `ranges`, as text, by key path; absent where nothing is drawn. */
  readonly drawn?: Readonly<Record<string, string>>;
}

/** One number that one trial measured. */
export interface Measurement extends Described {
  readonly metric: MetricName;
  readonly value: number;
}

export function describedBy(trial: Trial): Described {
  return {
    experiment: trial.experiment,
    ...coordinatesOf(trial),
    repetition: trial.repetition,
    swept: asText(trial.swept),
    ...(trial.drawn && { drawn: asText(trial.drawn) }),
  };
}

/** Rows in trial order and metric order; trials without measurements have none. */
export function measurementsOf(
  trials: readonly Trial[],
  outcomes: ReadonlyMap<number, Outcome>,
): Measurement[] {
  return trials.flatMap((trial) => {
    const outcome = outcomes.get(trial.index);
    if (outcome?.status !== 'done') return [];
    const about = describedBy(trial);
    return metricNames.flatMap((metric) => {
      const value = outcome.measurements[metric];
      return value === undefined ? [] : [{ ...about, metric, value }];
    });
  });
}

function asText(values: Readonly<Record<string, Scalar>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([path, value]) => [path, String(value)]));
}

/** What describes a row's trial, in the order of columns. */
export function describingCells(row: Described, swept: readonly string[]): string[] {
  return [
    row.experiment,
    ...dimensionNames.map((name) => row[name]),
    String(row.repetition),
    ...swept.map((path) => row.swept[path] ?? ''),
  ];
}

/** The CSV text; `swept` and `drawn` are key paths in the experiment's order. */
export function writeMeasurements(
  rows: readonly Measurement[],
  swept: readonly string[],
  drawn: readonly string[] = [],
): string {
  return writeCsv([
    measuredColumns(swept, drawn),
    ...rows.map((row) => [
      ...describingCells(row, swept),
      row.metric,
      String(row.value),
      ...drawn.map((path) => row.drawn?.[path] ?? ''),
    ]),
  ]);
}

/** Reads what `writeMeasurements` wrote; says in which line what is wrong. */
export function readMeasurements(
  text: string,
  source: CsvSource = { file: 'measurements.csv', expected: again },
): {
  rows: Measurement[];
  swept: string[];
  drawn: string[];
} {
  const all = readCsv(text, source);
  const [header = [], ...records] = all;
  const { swept, drawn, metric_column } = keyPathsOf(header);
  const columns = measuredColumns(swept, drawn);
  if (header.length !== columns.length || header.some((name, i) => name !== columns[i])) {
    throw csvError(source, 1, `the columns are not ${before_swept.join()},…,${after_swept.join()}`);
  }
  // A value whose last digits are missing is a number all the same.
  if (!text.endsWith('\n')) {
    const what = 'the line has no end: the file is cut short';
    throw csvError(source, lineOf(all, records.length), what);
  }
  const rows = records.map((record, index): Measurement => {
    const [experiment] = record as [string];
    const [metric, value] = record.slice(metric_column) as [string, string];
    if (!metricNames.includes(metric as MetricName)) {
      const meant = nearest(metric, metricNames);
      const now = meant === undefined ? undefined : `did you mean ${meant}?`;
      throw csvError(source, lineOf(all, index + 1), `no metric is named ${metric}`, now);
    }
    const number = (column: string, cell: string, is: (value: number) => boolean, what: string) => {
      const value = cell.trim() === '' ? Number.NaN : Number(cell);
      if (is(value)) return value;
      const line = lineOf(all, index + 1);
      throw csvError(source, line, `${column} is ${cell || 'missing'}`, expected(what));
    };
    return {
      experiment,
      ...coordinatesBy((_, index) => record[index + 1]!),
      repetition: number(
        'repetition',
        record[before_swept.length - 1]!,
        isCount,
        'a whole number from 0',
      ),
      swept: Object.fromEntries(swept.map((path, i) => [path, record[before_swept.length + i]!])),
      metric: metric as MetricName,
      value: number('value', value, isAmount, 'a number of at least 0'),
      ...(drawn.length > 0 && {
        drawn: Object.fromEntries(
          drawn.map((path, i) => [path, record[metric_column + after_swept.length + i]!]),
        ),
      }),
    };
  });
  return { rows, swept, drawn };
}

/** Key paths by where they stand: no path is named as a column, for each has a dot. */
function keyPathsOf(header: readonly string[]) {
  const metric_column = header.indexOf(after_swept[0]!, before_swept.length);
  return {
    swept: header.slice(before_swept.length, metric_column),
    drawn: header.slice(metric_column + after_swept.length),
    metric_column,
  };
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** No metric is ever below zero. */
function isAmount(value: number): boolean {
  return Number.isFinite(value) && value >= 0;
}

/** The line on which a record begins: names may hold line breaks. */
function lineOf(records: readonly (readonly string[])[], index: number): number {
  const breaks = (record: readonly string[]) => record.join('').split('\n').length;
  return records.slice(0, index).reduce((line, record) => line + breaks(record), 1);
}

/** The line on which the row of this index begins, from 0. */
export function lineOfRow(text: string, index: number): number {
  return lineOf(readCsv(text), index + 1);
}
