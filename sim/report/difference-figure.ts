/** The picture of a comparison: which metric of which row agrees, and by how much it does not. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { figureSpec } from '../experiment/figure-file.ts';
import { metricNames } from '../metrics.ts';
import type { MetricDifference, Verdict } from '../results/compare-results.ts';
import { percent, pointWords, signed, systemWords } from './difference-table.ts';
import { type Figure, renderData } from './render-figure.ts';

const path = fileURLToPath(
  new URL('../../experiments/figures/compare/verdicts.vl.json', import.meta.url),
);

/** As many rows as a page can hold. */
const most_rows = 150;

/** What stands in a cell that has no number of its own. */
const words: Readonly<Record<Verdict, string>> = {
  equal: '=',
  'within-noise': '',
  different: '',
  undecided: '',
  'only-in-A': 'A',
  'only-in-B': 'B',
  'relative-times': '-',
};

/** Why there is no picture, or `undefined` if one can be drawn. */
export function lacksRoom(differences: readonly MetricDifference[]): string | undefined {
  const { size } = new Set(differences.map((each) => `${pointWords(each)}\n${systemWords(each)}`));
  if (size <= most_rows) return undefined;
  return `the picture has room for ${most_rows} rows, and there are ${size}`;
}

export function differenceFigure(
  differences: readonly MetricDifference[],
  subtitle: string,
): Promise<Figure> {
  const figure = figureSpec('compare', path, readFileSync(path, 'utf8'), ['differences']);
  return renderData(figure, differences.map(cellOf), subtitle);
}

function cellOf(each: MetricDifference, row: number): object {
  const { metric, verdict, difference } = each;
  const point = pointWords(each);
  const system = systemWords(each);
  const number = percent(each) || (difference === undefined ? '' : signed(difference));
  const text = words[verdict] || number.replace(' %', '%');
  return {
    row,
    point,
    system,
    metric,
    place: metricNames.indexOf(metric),
    verdict: verdict.replaceAll('-', ' '),
    text,
    label: `${point}, ${system}: ${metric} ${verdict} ${number}`.trim(),
  };
}
