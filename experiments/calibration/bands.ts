/** Bands of the model's own error, as reports read them, and whether they hold what they say. */

import type { BandRow } from '../../sim/report/known.ts';
import { type Band, intervalScore, predictionBand, without } from './prediction-band.ts';
import { type Kind, kinds, type Predictor, residualsOf } from './residuals.ts';

/** Four digits: what is read off a figure has fewer. */
const digits = (value: number) => Number(value.toPrecision(4));

export function bandRows(predict: Predictor): BandRow[] {
  return kinds().flatMap((kind): BandRow[] => {
    const { mechanism, policy, metric } = kind;
    const residuals = residualsOf(kind, predict);
    const band = predictionBand(residuals);
    if (band === undefined) return [];
    const functions = [...residuals].flatMap(([name, values]) => {
      const own = predictionBand(without(residuals, name));
      if (own === undefined) return [];
      const published_over_modelled = values.map((value) => digits(Math.exp(value)));
      return [[name, { published_over_modelled, ...rounded(own) }] as const];
    });
    return [
      {
        mechanism,
        ...(policy !== undefined && { policy }),
        metric,
        ...rounded(band),
        functions: Object.fromEntries(functions),
      },
    ];
  });
}

function rounded({ low, high }: Band): Band {
  return { low: digits(low), high: digits(high) };
}

/** What bands made of the other functions held of each published time. */
export interface Coverage {
  readonly cells: number;
  readonly inside: number;
  /** Mean interval score, of the published time. */
  readonly score: number;
}

export function coverage(
  predict: Predictor,
  chosen: (kind: Kind) => boolean = () => true,
): Coverage {
  let inside = 0;
  const scores: number[] = [];
  for (const kind of kinds()) {
    if (kind.of_all_policies || !chosen(kind)) continue;
    const residuals = residualsOf(kind, predict);
    for (const [name, values] of residuals) {
      const { low, high } = predictionBand(without(residuals, name))!;
      for (const value of values) {
        const ratio = Math.exp(value);
        if (low <= ratio && ratio <= high) inside += 1;
        scores.push(intervalScore({ low: low / ratio, high: high / ratio }, 1));
      }
    }
  }
  const score = scores.reduce((sum, each) => sum + each, 0) / scores.length;
  return { cells: scores.length, inside, score };
}
