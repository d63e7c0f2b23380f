/** The tidy table of an experiment's series: one row per trial, series and point, as measurements.csv has one per metric. */

import type { Trial } from '../backend.ts';
import { coordinatesBy } from '../experiment/dimensions.ts';
import { before_swept, seriesColumns } from '../experiment/measured-columns.ts';
import { type CsvSource, csvError, readCsv, writeCsv } from '../input/csv.ts';
import { expected } from '../input/expected.ts';
import { type SeriesName, seriesNames } from '../series.ts';
import { again, type Described, describedBy, describingCells } from './measurements-csv.ts';
import type { Outcome } from './outcome.ts';

export interface SeriesPoint extends Described {
  readonly metric: SeriesName;
  /** The number of what it is of: of a node. */
  readonly at: number;
  readonly value: number;
}

/** Rows in trial order, series order and that of points. */
export function seriesOfTrials(
  trials: readonly Trial[],
  outcomes: ReadonlyMap<number, Outcome>,
): SeriesPoint[] {
  return trials.flatMap((trial) => {
    const outcome = outcomes.get(trial.index);
    if (outcome?.status !== 'done' || outcome.series === undefined) return [];
    const { series } = outcome;
    const about = describedBy(trial);
    return seriesNames.flatMap((metric) =>
      (series[metric] ?? []).map(([at, value]) => ({ ...about, metric, at, value })),
    );
  });
}

/** The CSV text; `swept` and `drawn` are key paths in the experiment's order. */
export function writeSeries(
  rows: readonly SeriesPoint[],
  swept: readonly string[],
  drawn: readonly string[] = [],
): string {
  return writeCsv([
    seriesColumns(swept, drawn),
    ...rows.map((row) => [
      ...describingCells(row, swept),
      row.metric,
      String(row.at),
      String(row.value),
      ...drawn.map((path) => row.drawn?.[path] ?? ''),
    ]),
  ]);
}

/** Reads what `writeSeries` wrote for these key paths; says in which line what is wrong. */
export function readSeries(
  text: string,
  swept: readonly string[],
  drawn: readonly string[] = [],
  source: CsvSource = { file: 'series.csv', expected: again },
): SeriesPoint[] {
  const columns = seriesColumns(swept, drawn);
  const [header = [], ...records] = readCsv(text, source);
  if (header.join() !== columns.join()) {
    throw csvError(source, 1, `the columns are ${header.join()}`, expected(columns.join()));
  }
  const first_swept = before_swept.length;
  const metric_column = first_swept + swept.length;
  return records.map((record, index): SeriesPoint => {
    const [metric, at, value, ...of_drawn] = record.slice(metric_column) as [
      SeriesName,
      string,
      string,
    ];
    const [which, where, amount] = [record[first_swept - 1], at, value].map((cell) =>
      cell ? Number(cell) : Number.NaN,
    ) as [number, number, number];
    if (!seriesNames.includes(metric) || !(which >= 0 && where >= 0 && amount >= 0)) {
      throw csvError(source, index + 2, 'the line is no point of a series');
    }
    return {
      experiment: record[0]!,
      ...coordinatesBy((_, column) => record[column + 1]!),
      repetition: which,
      swept: Object.fromEntries(swept.map((path, i) => [path, record[first_swept + i]!])),
      ...(drawn.length > 0 && {
        drawn: Object.fromEntries(drawn.map((path, i) => [path, of_drawn[i]!])),
      }),
      metric,
      at: where,
      value: amount,
    };
  });
}
