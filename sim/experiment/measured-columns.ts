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

/** For figures of any sweep: the value of the setting that is swept over most values, and the others in words. */
export const swept_at = 'swept_at';
export const swept_beside = 'swept_beside';
/** And the settings that do not have the first of their values, with what they have; empty where all have that. */
export const moved = 'moved';
export const moved_to = 'moved_to';

/** The columns that a figure may draw. */
export function drawnColumns(data: 'measurements' | 'series', varied: readonly string[]): string[] {
  const general = varied.length > 0 ? [swept_at, swept_beside, moved, moved_to] : [];
  const own =
    data === 'series' ? seriesColumns(varied) : [...measuredColumns(varied), ...band_columns];
  return [...own, ...general];
}

/** The columns of a figure for print: medians, with their band, their range and what is published. */
export const print_columns: readonly string[] = [
  ...['mechanism', 'policy', 'workload', 'backend', 'metric', 'value', 'low', 'high', 'published'],
  ...['least', 'most', 'undivided', 'at'],
  ...['system', 'tiering', 'function', 'phase', 'part', 'latency'],
];
