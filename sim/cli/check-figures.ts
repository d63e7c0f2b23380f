/** Tries the user's own figures before anything runs: a fault of theirs is no news to hear after the last trial. */

import { type FigureReference, ownFigures, readFigure } from '../experiment/figure-file.ts';
import { shownPath } from '../files/read-text.ts';

export async function checkFigures(figures: readonly FigureReference[]): Promise<void> {
  const own = ownFigures(figures);
  if (own.length === 0) return;
  // Vega takes a third of a second to load.
  const { checkFigure } = await import('../report/render-figure.ts');
  for (const figure of own) checkFigure({ ...readFigure(figure), path: shownPath(figure.path) });
}
