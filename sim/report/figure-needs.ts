/** Whether measurements hold what a figure needs. */

import type { FigureDimension, FigureNeeds } from '../experiment/figure-file.ts';
import type { Described } from '../results/measurements-csv.ts';
import { pointsOf } from '../results/points.ts';

/** A row of either table. */
type Row = Pick<Described, 'backend' | 'mechanism' | 'policy' | 'workload' | 'swept'> & {
  readonly metric: string;
};

/** Why the figure cannot be drawn from these measurements, or `undefined` if it can. */
export function lacks(needs: FigureNeeds, rows: readonly Row[]): string | undefined {
  const metrics = new Set(rows.map(({ metric }) => metric));
  const mechanisms = new Set(rows.map(({ mechanism }) => mechanism));
  const swept = Object.keys(rows[0]?.swept ?? {});
  const absent = [
    ...(needs.metrics ?? []).filter((name) => !metrics.has(name)),
    ...(needs.mechanisms ?? []).filter((name) => !mechanisms.has(name)),
    ...(needs.swept ?? []).filter((path) => !swept.includes(path)),
  ];
  if (absent.length > 0) return `the measurements have no ${absent.join(', no ')}`;

  for (const each of needs.single ?? []) {
    const { size } = valuesOf(each, needs, rows);
    if (size > 1) return `it has room for one ${nameOf(each)}, and there are ${size}${way(each)}`;
  }
  for (const each of needs.several ?? []) {
    if (valuesOf(each, needs, rows).size < 2) {
      return `it compares several of one kind (${nameOf(each)}), and there is one`;
    }
  }
  return undefined;
}

function valuesOf(each: FigureDimension, needs: FigureNeeds, rows: readonly Row[]): Set<string> {
  if (each !== 'swept') return new Set(rows.map((row) => row[each]));
  const others = new Map(
    rows.map(({ swept }) => {
      const values = Object.entries(swept).filter(([path]) => !needs.swept?.includes(path));
      return [JSON.stringify(values), Object.fromEntries(values)] as const;
    }),
  );
  return new Set(pointsOf([...others.values()]).map((values) => JSON.stringify(values)));
}

/** What draws them all. */
function way(each: FigureDimension): string {
  return each === 'swept' ? ' (figure sweep has room for all)' : '';
}

function nameOf(each: FigureDimension): string {
  return each === 'swept' ? 'swept value' : each;
}
