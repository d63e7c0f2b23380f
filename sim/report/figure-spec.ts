/** A figure's specification: a Vega-Lite file that says in `usermeta.cxlsim` what data it needs. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { TopLevelSpec } from 'vega-lite';
import { z } from 'zod';
import { InputError } from '../experiment/input-error.ts';
import { metricNames } from '../metrics.ts';
import type { Measurement } from '../results/measurements-csv.ts';

/** `swept` stands for all swept keys that `needs.swept` does not name. */
const dimension = z.enum(['workload', 'policy', 'backend', 'swept']);

const needs = z.strictObject({
  metrics: z.array(z.enum(metricNames)).optional(),
  mechanisms: z.array(z.string()).optional(),
  /** Swept key paths. */
  swept: z.array(z.string()).optional(),
  /** What must not vary, because the figure has no room for it. */
  single: z.array(dimension).optional(),
  /** What must vary, because the figure would show nothing else. */
  several: z.array(dimension).optional(),
});

const declaration = z.strictObject({
  needs,
  /** How to read the figure, where it does not tell by itself. */
  note: z.string().optional(),
  /** What the default colours of the figure tell apart. */
  colour_by: z.enum(['system', 'policy']).optional(),
});

/** What the measurements must hold for the figure to say something. */
export type FigureNeeds = z.infer<typeof needs>;

export interface FigureSpec extends z.infer<typeof declaration> {
  readonly name: string;
  readonly path: string;
  readonly spec: TopLevelSpec;
}

export function readFigureSpec(name: string): FigureSpec {
  const path = fileURLToPath(new URL(`../../experiments/figures/${name}.vl.json`, import.meta.url));
  return figureSpec(name, path, readFileSync(path, 'utf8'));
}

/** Checks a specification's text; what Vega-Lite makes of it shows when it is drawn. */
export function figureSpec(name: string, path: string, text: string): FigureSpec {
  let spec: TopLevelSpec & { usermeta?: { cxlsim?: unknown } };
  try {
    spec = JSON.parse(text);
  } catch (error) {
    throw new InputError(path, (error as Error).message, 'a Vega-Lite specification in JSON');
  }
  const declared = declaration.safeParse(spec?.usermeta?.cxlsim);
  if (declared.success) return { name, path, spec, ...declared.data };
  const { path: keys, message } = declared.error.issues[0]!;
  const where = ['usermeta.cxlsim', ...keys].join('.');
  throw new InputError(path, `${where}: ${message}`, 'see the figures beside it');
}

type Dimension = z.infer<typeof dimension>;

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

  for (const each of needs.single ?? []) {
    const { size } = valuesOf(each, needs, rows);
    if (size > 1) return `it has room for one ${nameOf(each)}, and there are ${size}`;
  }
  for (const each of needs.several ?? []) {
    if (valuesOf(each, needs, rows).size < 2) {
      return `it compares several of one kind (${nameOf(each)}), and there is one`;
    }
  }
  return undefined;
}

function valuesOf(each: Dimension, needs: FigureNeeds, rows: readonly Measurement[]): Set<string> {
  if (each !== 'swept') return new Set(rows.map((row) => row[each]));
  return new Set(
    rows.map(({ swept }) =>
      JSON.stringify(Object.entries(swept).filter(([path]) => !needs.swept?.includes(path))),
    ),
  );
}

function nameOf(each: Dimension): string {
  return each === 'swept' ? 'swept value' : each;
}
