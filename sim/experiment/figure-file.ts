/**
 * A figure's specification: a Vega-Lite file that says in `usermeta.cxlsim` what data it needs. Shipped ones
 * go by their names, a user's own by path; results name those after their file.
 */

import { basename } from 'node:path';
import type { TopLevelSpec } from 'vega-lite';
import { z } from 'zod';
import { readText, shownPath } from '../files/read-text.ts';
import { expected } from '../input/expected.ts';
import { InputError } from '../input/input-error.ts';
import { parseJson } from '../input/parse-json.ts';
import { metricNames } from '../metrics.ts';
import { seriesNames } from '../series.ts';
import { dimensionNames } from './dimensions.ts';
import { checkFields } from './figure-fields.ts';
import { installed } from './installed.ts';
import { drawnColumns, print_columns } from './measured-columns.ts';

const kind = 'a Vega-Lite specification in JSON';
const most_bytes = 2 ** 20;
const ending = '.vl.json';

/** `swept` stands for all swept keys that `needs.swept` does not name. */
const dimension = z.enum([...dimensionNames, 'swept']);

const needs = z.strictObject({
  /** Metrics, or series where they are the figure's data. */
  metrics: z.array(z.enum([...metricNames, ...seriesNames])).optional(),
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
  /** Of figures for print alone. */
  print: z
    .strictObject({
      /** The shipped experiment whose results it shows. */
      experiment: z.string(),
      /** Widths in columns of a page that it is legible at. */
      columns: z.array(z.union([z.literal(1), z.literal(2)])).min(1),
      /** What of experiments/published it shows beside them. */
      published: z
        .strictObject({
          source: z.string(),
          figure: z.string(),
          /** The character that looks like the mark of a published value. */
          mark: z.string(),
        })
        .optional(),
      /** Functions that it shows; all of the experiment's without. */
      workloads: z.array(z.string()).min(1).optional(),
      /** Mechanisms that it shows; all of the experiment's without. */
      mechanisms: z.array(z.string()).min(1).optional(),
      /** Policies that it shows, beside what has none; all of them without. */
      policies: z.array(z.string()).min(1).optional(),
      /** The mechanism that values are divided by, function by function. */
      relative_to: z.string().optional(),
      /** Whether the geometric mean over functions stands behind them. */
      mean: z.boolean().default(false),
      /** Whether functions stand in two rows at one column. */
      fold: z.boolean().default(false),
    })
    .optional(),
});

export type FigureDimension = z.infer<typeof dimension>;

/** What the measurements must hold for the figure to say something. */
export type FigureNeeds = z.infer<typeof needs>;

export interface FigureSpec extends z.infer<typeof declaration> {
  readonly name: string;
  readonly path: string;
  readonly spec: TopLevelSpec;
  /** The rows that it is drawn from. */
  readonly data: FigureData;
}

export type FigureData =
  | 'measurements'
  | 'series'
  | 'differences'
  | 'claims'
  | 'parameters'
  | 'points';

/** A figure by the name of its files in results, and its specification's path. */
export interface FigureReference {
  readonly name: string;
  readonly path: string;
}

/**
 * The user's own figure at `path`, which `where` names; `taken` are names of others, `varied` the key paths that
 * its data has as columns.
 */
export function findFigure(
  path: string,
  where: string,
  taken: readonly string[],
  varied: readonly string[],
): FigureReference {
  const shown = shownPath(path);
  if (!path.endsWith(ending)) {
    const right = expected(`a name of cxlsim list figures, or a file that ends in ${ending}`);
    throw new InputError(where, `${shown} is no figure`, right);
  }
  const name = safeName(basename(path, ending));
  if (name === '' || taken.includes(name)) {
    const what = name === '' ? `${shown} has no name` : `the name ${name} is taken`;
    throw new InputError(where, what, `${expected('another file name')}: results go by it`);
  }
  const text = readText(path, { kind, most_bytes, shown, origin: where });
  const { spec, needs, data } = figureSpec(name, shown, text);
  // Without a swept path that it needs, the figure is left out, with the reason.
  const of = data === 'series' ? data : 'measurements';
  checkFields(shown, text, spec, drawnColumns(of, [...varied, ...(needs.swept ?? [])]));
  return { name, path };
}

/** A word that is a file name below any folder, and an id in a page. */
function safeName(text: string): string {
  return text.replace(/[^\p{L}\p{N}_-]+/gu, '-').replace(/^-+|-+$/g, '');
}

/** A figure for print: how its results are found and drawn, and what it needs of them. */
export type PrintFigure = FigureSpec & Required<Pick<FigureSpec, 'print'>>;

export function readPrintFigure(name: string, path: string): PrintFigure {
  const text = readText(path, { kind, most_bytes });
  const figure = figureSpec(name, path, text, ['points']);
  checkFields(path, text, figure.spec, [...print_columns, ...(figure.needs.swept ?? [])]);
  if (figure.print !== undefined) return { ...figure, print: figure.print };
  throw new InputError(path, 'usermeta.cxlsim: print is missing', 'see docs/figures.md');
}

export function readFigure({ name, path }: FigureReference): FigureSpec {
  return figureSpec(name, path, readText(path, { kind, most_bytes }));
}

/** Those whose specification nobody has tried before. */
export function ownFigures(figures: readonly FigureReference[]): FigureReference[] {
  return figures.filter(({ name, path }) => installed.figures.get(name) !== path);
}

export function shippedFigure(name: string): FigureReference {
  return { name, path: installed.figures.get(name)! };
}

/** Checks a specification's text; what Vega-Lite makes of it shows when it is drawn. */
export function figureSpec(
  name: string,
  path: string,
  text: string,
  rows: readonly FigureData[] = ['measurements', 'series'],
): FigureSpec {
  const content = parseJson(path, text, expected(kind));
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new InputError(`${path}:1:1`, 'the file holds no mapping', expected(kind));
  }
  const spec = content as TopLevelSpec & { usermeta?: { cxlsim?: unknown } };
  const data = dataOf(path, (content as { data?: unknown }).data, rows);
  // An own figure may say nothing of its needs: then it is drawn from whatever there is.
  const declared = declaration.safeParse(spec.usermeta?.cxlsim ?? { needs: {} });
  if (declared.success) return { name, path, spec, data, ...declared.data };
  const { path: keys, message } = declared.error.issues[0]!;
  const where = ['usermeta.cxlsim', ...keys].join('.');
  throw new InputError(path, `${where}: ${message}`, 'see experiments/figures/README.md');
}

/** Its rows are those of the run: a specification with rows of its own, or of an address, shows others. */
function dataOf(path: string, data: unknown, rows: readonly FigureData[]): FigureData {
  const { name, ...more } = (data ?? {}) as { name?: unknown };
  const { format: _, ...others } = more as { format?: unknown };
  const alone = typeof name === 'string' && Object.keys(others).length === 0;
  const known = alone ? rows.find((each) => each === name) : undefined;
  if (known !== undefined) return known;
  const other = alone
    ? `no data is named ${JSON.stringify(name)}`
    : `data is not the ${rows[0]} alone`;
  const what = data === undefined ? 'data is missing' : other;
  throw new InputError(path, what, expected(`"data": {"name": "${rows[0]}"}`));
}
