/** A figure's specification: a Vega-Lite file that says in `usermeta.cxlsim` what data it needs. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { TopLevelSpec } from 'vega-lite';
import type { MetricName } from '../metrics.ts';
import type { Measurement } from '../results/measurements-csv.ts';
import type { ColourBy } from './palette.ts';

/** What the measurements must hold for the figure to say something. */
export interface FigureNeeds {
  readonly metrics?: readonly MetricName[];
  readonly mechanisms?: readonly string[];
  /** Swept key paths. */
  readonly swept?: readonly string[];
  /** What must not vary, because the figure has no room for it. */
  readonly single?: readonly Dimension[];
  /** What must vary, because the figure would show nothing else. */
  readonly several?: readonly Dimension[];
}

/** `swept` stands for all swept keys that `FigureNeeds.swept` does not name. */
type Dimension = 'workload' | 'policy' | 'backend' | 'swept';

export interface FigureSpec {
  readonly name: string;
  readonly needs: FigureNeeds;
  /** How to read the figure, where it does not tell by itself. */
  readonly note: string | undefined;
  /** What the default colours of the figure stand for. */
  readonly colour_by: ColourBy | undefined;
  readonly spec: TopLevelSpec;
}

export function readFigureSpec(name: string): FigureSpec {
  const path = fileURLToPath(new URL(`../../experiments/figures/${name}.vl.json`, import.meta.url));
  const spec = JSON.parse(readFileSync(path, 'utf8'));
  const { needs = {}, note, colour_by } = spec.usermeta?.cxlsim ?? {};
  return { name, needs, note, colour_by, spec };
}

/** Why the figure cannot be drawn from these measurements, or `undefined` if it can. */
export function lacks(needs: FigureNeeds, rows: readonly Measurement[]): string | undefined {
  const metrics = new Set(rows.map(({ metric }) => metric));
  const mechanisms = new Set(rows.map(({ mechanism }) => mechanism));
  const swept = Object.keys(rows[0]?.swept ?? {});
  const absent = [
    ...(needs.metrics ?? []).filter((name) => !metrics.has(name)),
    ...(needs.mechanisms ?? []).filter((name) => !mechanisms.has(name)),
    ...(needs.swept ?? []).filter((path) => !swept.includes(path)),
  ];
  if (absent.length > 0) return `the measurements have no ${absent.join(', no ')}`;

  for (const dimension of needs.single ?? []) {
    const values = valuesOf(dimension, needs, rows);
    if (values.size > 1)
      return `it has room for one ${nameOf(dimension)}, and there are ${values.size}`;
  }
  for (const dimension of needs.several ?? []) {
    if (valuesOf(dimension, needs, rows).size < 2) {
      return `it compares several of each ${nameOf(dimension)}, and there is one`;
    }
  }
  return undefined;
}

function valuesOf(
  dimension: Dimension,
  needs: FigureNeeds,
  rows: readonly Measurement[],
): Set<string> {
  if (dimension !== 'swept') return new Set(rows.map((row) => row[dimension]));
  return new Set(
    rows.map(({ swept }) =>
      JSON.stringify(Object.entries(swept).filter(([path]) => !needs.swept?.includes(path))),
    ),
  );
}

function nameOf(dimension: Dimension): string {
  return dimension === 'swept' ? 'swept value' : dimension;
}
