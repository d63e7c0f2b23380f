/** Bands of the model's own error for figures, which draw them as whiskers. */

import type { Experiment } from '../experiment/experiment.ts';
import type { FigureSpec } from '../experiment/figure-file.ts';
import type { band_columns } from '../experiment/measured-columns.ts';
import type { Described, Measurement } from '../results/measurements-csv.ts';
import { bandFactors, bandShare } from './error-bands.ts';

/** Nothing where a value has no band: an empty column would be drawn at zero. */
type Ends = Readonly<Record<(typeof band_columns)[number], number | null>>;

export function withBands(
  experiment: Experiment,
  rows: readonly Measurement[],
): (Measurement & Ends)[] {
  return rows.map((row) => {
    const band = bandFactors(experiment, row, row.metric);
    return {
      ...row,
      band_low: band ? band.low * row.value : null,
      band_high: band ? band.high * row.value : null,
    };
  });
}

/** What whiskers are, below figures that have any. */
export function whiskerNotes(
  { spec }: Pick<FigureSpec, 'spec'>,
  rows: readonly (Described & Partial<Ends>)[],
): string[] {
  const drawn = JSON.stringify(spec).includes('band_low' satisfies keyof Ends);
  if (!drawn || rows.every(({ band_low = null }) => band_low === null)) return [];
  return [`Whiskers: ${100 * bandShare()} % band of the model’s own error, bias kept.`];
}
