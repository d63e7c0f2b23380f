/**
 * The columns of measurements.csv, in their order. Where a key path stands tells what it is: swept ones, which tell
 * points apart, lie before the metric, and drawn ones, which only repetitions differ in, behind the value.
 */

import { dimensionNames } from './dimensions.ts';

export const before_swept: readonly string[] = ['experiment', ...dimensionNames, 'repetition'];
export const after_swept = ['metric', 'value'];

export function measuredColumns(swept: readonly string[], drawn: readonly string[] = []): string[] {
  return [...before_swept, ...swept, ...after_swept, ...drawn];
}

/** The columns of series.csv, likewise; `at` is where a point is. */
export function seriesColumns(swept: readonly string[], drawn: readonly string[] = []): string[] {
  return [...before_swept, ...swept, 'metric', 'at', 'value', ...drawn];
}

/** What figures have beside the columns of measurements: the band of the model's own error around the value. */
export const band_columns = ['band_low', 'band_high'] as const;

/** The columns that a figure may draw. */
export function drawnColumns(data: 'measurements' | 'series', varied: readonly string[]): string[] {
  return data === 'series' ? seriesColumns(varied) : [...measuredColumns(varied), ...band_columns];
}
