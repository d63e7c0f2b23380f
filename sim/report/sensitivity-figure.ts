/** The tornado picture of a sensitivity analysis: how far each parameter alone moves the metric, by row. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { figureSpec } from '../experiment/figure-file.ts';
import type { MetricName } from '../metrics.ts';
import { rowName } from '../sensitivity/row-name.ts';
import { matters, type RowSensitivity } from '../sensitivity/sensitivity.ts';
import { type Figure, renderData } from './render-figure.ts';
import { numberWords } from './validation-table.ts';

const path = fileURLToPath(
  new URL('../../experiments/figures/sensitivity/tornado.vl.json', import.meta.url),
);

/** More bars than these tell nothing more. */
const most_bars = 12;

/** Nothing where no parameter moves anything. */
export async function sensitivityFigure(
  rows: readonly RowSensitivity[],
  metric: MetricName,
  about: string,
): Promise<Figure | undefined> {
  const bars = rows.flatMap((row, order) => barsOf(row, order, metric));
  if (bars.length === 0) return undefined;
  const figure = figureSpec('sensitivity', path, readFileSync(path, 'utf8'), ['parameters']);
  return renderData(
    figure,
    bars,
    `${about}\nIn brackets the index: the share of the mean sizes of elementary effects.`,
  );
}

function barsOf(row: RowSensitivity, order: number, metric: MetricName): object[] {
  const { base, parameters } = row;
  if (base === undefined) return [];
  const name = `${rowName(row)}: ${metric} ${numberWords(base)}`;
  return parameters
    .filter((each) => matters(each, base))
    .slice(0, most_bars)
    .flatMap(({ path, low, high, at_low, at_high, index }, place) => {
      const short = path.replace(/^(parameters|fabric)\./, '');
      const share = index === undefined ? '' : ` (${(100 * index).toFixed(0)} %)`;
      const bar = (end: string, at: number, value: number) => ({
        ...{ row: name, order, place, parameter: `${short}${share}`, end },
        from: base,
        to: value,
        label: `${rowName(row)}: ${metric} ${numberWords(value)} with ${path} at ${numberWords(at)}`,
      });
      return [bar('low end', low, at_low), bar('high end', high, at_high)];
    });
}
