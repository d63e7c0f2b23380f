/** bands.csv: each simulated time with what its row stands on and the band of the model's own error around it. */

import { dimensionNames } from '../experiment/dimensions.ts';
import type { Experiment } from '../experiment/experiment.ts';
import { writeCsv } from '../input/csv.ts';
import { metricNames, metrics } from '../metrics.ts';
import type { Group } from '../results/summarize.ts';
import { basisOf } from './basis.ts';
import { bandShare, errorBand } from './error-bands.ts';

/** Times that nothing alike is published of have empty cells; nothing where no row was simulated. */
export function writeBands(experiment: Experiment, groups: readonly Group[]): string | undefined {
  const swept = experiment.sweep.map(({ path }) => path);
  const records = groups.flatMap((group) => {
    const basis = basisOf(experiment, group);
    if (basis === undefined) return [];
    const about = [
      ...dimensionNames.map((name) => group[name]),
      ...swept.map((path) => group.swept[path] ?? ''),
    ];
    return metricNames.flatMap((metric) => {
      const summary = group.metrics[metric];
      if (summary === undefined || metrics[metric].kind !== 'time') return [];
      const band = errorBand(experiment, group, metric);
      const ends = band === undefined ? ['', ''] : [String(band.low), String(band.high)];
      return [[...about, basis, metric, String(summary.median), ...ends, band?.wide ?? '']];
    });
  });
  if (records.length === 0) return undefined;
  const percent = 100 * bandShare();
  return writeCsv([
    [
      ...[...dimensionNames, ...swept, 'basis', 'metric', 'median'],
      ...[`band_${percent}_low`, `band_${percent}_high`, 'wide_because'],
    ],
    ...records,
  ]);
}
