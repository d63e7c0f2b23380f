/** What rows of figures for print are medians of: one number of one system, a value a repetition, from either table. */

import { runsModel } from '../../backends/registry.ts';
import { type Coordinates, coordinatesBy } from '../../experiment/dimensions.ts';
import { gathered } from '../../gathered.ts';
import type { Measurement } from '../../results/measurements-csv.ts';
import { meet, type Swept } from '../../results/points.ts';
import type { SeriesPoint } from '../../results/series-csv.ts';
import { series } from '../../series.ts';

export interface Sample extends Coordinates {
  readonly swept: Swept;
  readonly metric: string;
  /** Where a point of a series is; none of numbers of a function, which stand under its name. */
  readonly at?: number;
  /** By repetition. */
  readonly values: ReadonlyMap<number, number>;
}

/** Rows of one table as a figure for print takes them, in their order. */
export function samplesOf(rows: readonly (Measurement | SeriesPoint)[]): Sample[] {
  const samples = new Map<string, Sample & { readonly values: Map<number, number> }>();
  for (const row of rows) {
    if (!runsModel(row.backend)) continue;
    const { swept, metric, repetition, value } = row;
    const at = 'at' in row ? { at: row.at } : {};
    const about = { ...coordinatesBy((name) => row[name]), swept, metric, ...at };
    const key = JSON.stringify(about);
    const sample = samples.get(key) ?? { ...about, values: new Map() };
    samples.set(key, sample);
    sample.values.set(repetition, value);
  }
  return [...samples.values()];
}

/**
 * Points of series as samples: those of functions under the name of theirs, those over time of the first repetition,
 * since a median over repetitions with other requests is no course that anything took.
 */
export function seriesSamples(points: readonly SeriesPoint[], functions: readonly string[]) {
  const rows = points.flatMap((point) => {
    const { at: of } = series[point.metric];
    if (of === 'second' && point.repetition > 0) return [];
    if (of !== 'function') return [point];
    const { at, ...rest } = point;
    return [{ ...rest, workload: functions[at]! } as never as SeriesPoint];
  });
  return samplesOf(rows);
}

/** For each sample the one of `mechanism` that is of the same number at the same point. */
export function basesOf(
  all: readonly Sample[],
  mechanism: string,
): (sample: Sample) => Sample | undefined {
  const key = ({ workload, backend, metric, at }: Sample) =>
    JSON.stringify([workload, backend, metric, at]);
  const bases = gathered(
    all.filter((each) => each.mechanism === mechanism),
    key,
  );
  return (sample) => bases.get(key(sample))?.find((base) => meet(base, sample));
}
