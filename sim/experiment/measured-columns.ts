/** The columns of measurements.csv, in their order: the experiment's swept key paths lie between two groups. */

export const before_swept = [
  'experiment',
  'backend',
  'mechanism',
  'policy',
  'workload',
  'repetition',
];
export const after_swept = ['metric', 'value'];

/** The columns of series.csv, likewise; `at` is where a point is. */
export function seriesColumns(swept: readonly string[]): string[] {
  return [...before_swept, ...swept, 'metric', 'at', 'value'];
}

export function measuredColumns(swept: readonly string[]): string[] {
  return [...before_swept, ...swept, ...after_swept];
}
