/** The picture of a validation: model over published of every claim, by source and family. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { figureSpec } from '../experiment/figure-file.ts';
import type { Answer } from '../validation/answer.ts';
import { nearestTo } from '../validation/tolerance.ts';
import type { SourceAnswers } from '../validation/validate.ts';
import { type Figure, renderData } from './render-figure.ts';

const path = fileURLToPath(
  new URL('../../experiments/figures/validation/claims.vl.json', import.meta.url),
);

/** What is further off is drawn at the edge. */
const furthest = 5;

export function validationFigure(sources: readonly SourceAnswers[]): Promise<Figure> {
  const figure = figureSpec('validation', path, readFileSync(path, 'utf8'), ['claims']);
  const answers = sources.flatMap((source) => source.answers);
  const unanswered = answers.filter(({ verdict }) => verdict === 'cannot run').length;
  const subtitle =
    `${answers.length} claims, ${unanswered} of which cannot run and are not drawn; a dot each, a row for each ` +
    `family; what is off by more than ${furthest} times is drawn at the edge, and a bound that is kept at 1`;
  const rows = sources.flatMap((source, order) =>
    source.answers.flatMap((answer, place) => dotsOf(answer, order, place)),
  );
  return renderData(figure, rows, subtitle);
}

function dotsOf(
  { claim, verdict, modelled, guessed }: Answer,
  order: number,
  place: number,
): object[] {
  if (modelled === undefined) return [];
  const { id, source, family, published } = claim;
  const dot = (value: number, of: string) => ({
    source,
    order,
    family,
    place,
    verdict: of,
    ratio: clipped(value, nearestTo(published, value)),
    label: `${id}: ${of}`,
  });
  return [...(guessed === undefined ? [] : [dot(guessed, 'null model')]), dot(modelled, verdict)];
}

function clipped(value: number, real: number): number {
  const ratio = value === real ? 1 : value / real;
  // A difference of the wrong sign lies beyond the edge, too.
  if (!(ratio > 0)) return 1 / furthest;
  return Math.min(furthest, Math.max(1 / furthest, ratio));
}
