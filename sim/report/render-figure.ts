/**
 * Draws a figure from measurements:
 *
 *     spec + rows ──► vega-lite compile ──► vega view ──► SVG ──► resvg ──► PNG
 *
 * The bytes depend on the specification and the rows alone: text is measured and drawn with the
 * shipped font, and counters inside Vega start anew for each figure.
 */

import { Resvg } from '@resvg/resvg-js';
import * as vega from 'vega';
import { type Config, compile, type TopLevelSpec } from 'vega-lite';
import type { FigureSpec } from '../experiment/figure-file.ts';
import { moved, moved_to, swept_at, swept_beside } from '../experiment/measured-columns.ts';
import { expected } from '../input/expected.ts';
import { InputError } from '../input/input-error.ts';
import type { Described } from '../results/measurements-csv.ts';
import type { Swept } from '../results/points.ts';
import { figureStyle, png_scale, subtitle_size_px, subtitle_width_px } from './figure-style.ts';
import { font_family, font_path, textWidth, wrapText } from './font-metrics.ts';
import { withOutlinedLegends } from './outlined-legends.ts';
import { coloursOf, type PolicyColours } from './palette.ts';

export interface Figure {
  readonly name: string;
  readonly title: string;
  readonly svg: string;
  readonly png: Uint8Array;
  /** What Vega-Lite or Vega warned of: faults of the specification. */
  readonly warnings: readonly string[];
}

// Vega asks a canvas for the width of text and guesses far too wide without one.
// Its type declarations leave this out.
const { textMetrics } = vega as unknown as {
  textMetrics: { width: (item: { fontSize?: number }, text: unknown) => number };
};
textMetrics.width = (item, text) => textWidth(String(text ?? '').trim(), item.fontSize ?? 11);

/** A figure shows its measurements, and fetches nothing: neither from the network nor from this machine. */
const refused = () => Promise.reject(new Error('a figure loads nothing; expected data by name'));
const no_loader: vega.Loader = { ...vega.loader(), load: refused, http: refused, file: refused };

/** Draws the figure; throws an `InputError` if Vega-Lite cannot make sense of the specification. */
export async function renderFigure(
  figure: FigureSpec,
  rows: readonly Described[],
  subtitle: string,
  policies: PolicyColours = new Map(),
): Promise<Figure> {
  const { spec, data, colours } = drawable(figure, rows, policies);
  return renderData({ ...figure, spec }, data, subtitle, colours);
}

/** The figure as a page draws it, and as it stands there until it does. */
export async function renderForPage(
  figure: FigureSpec,
  rows: readonly Described[],
  subtitle: string,
  policies: PolicyColours,
) {
  const { spec, data, colours } = drawable(figure, rows, policies);
  const { svg, title } = await renderData({ ...figure, spec }, data, subtitle, colours, false);
  const { interactiveFigure } = await import('./page/interactive-figure.ts');
  const held = withData(spec, data, linesOf(subtitle, figure.note));
  const options = { config: configOf(colours), logger: collectWarnings([]) };
  const interactive = await interactiveFigure(held, options);
  return { name: figure.name, title, svg, rows: data, ...interactive };
}

/** The specification, rows as it sees them, and its colours. */
function drawable(figure: FigureSpec, rows: readonly Described[], policies: PolicyColours) {
  const { colour_by } = figure;
  const along = sweptAlong(rows);
  const first = firstValues(rows);
  const data = rows.map(({ swept, drawn, ...row }) => ({
    ...row,
    ...sweptColumns(swept, along),
    ...movedColumns(swept, first),
    ...Object.fromEntries(
      Object.entries({ ...swept, ...drawn }).map(([path, text]) => [path, scalarOf(text)]),
    ),
  }));
  const spec = along === undefined ? figure.spec : withTitle(figure.spec, along);
  return { spec, data, colours: colour_by && coloursOf(rows, colour_by, policies) };
}

/** The swept setting with most values, along which general figures draw their lines; the first of several. */
function sweptAlong(rows: readonly Described[]): string | undefined {
  const values = Object.keys(rows[0]?.swept ?? {}).map((path) => ({
    path,
    count: new Set(rows.map(({ swept }) => swept[path])).size,
  }));
  return values.sort((a, b) => b.count - a.count)[0]?.path;
}

/** Its value, and what else is swept in words; nothing where the row does not read it. */
function sweptColumns(swept: Swept, along: string | undefined): Record<string, unknown> {
  if (along === undefined) return {};
  const beside = Object.entries(swept).filter(([path, value]) => path !== along && value !== '');
  return {
    [swept_at]: scalarOf(swept[along]!),
    [swept_beside]: beside.map(([path, value]) => `${lastPart(path)} ${value}`).join(', '),
  };
}

/** What is swept and not at the first of its values: which settings, and where they are. */
function movedColumns(swept: Swept, first: Swept): Record<string, string> {
  const others = Object.entries(swept).filter(
    ([path, value]) => value !== '' && value !== first[path],
  );
  if (Object.keys(first).length === 0) return {};
  return {
    [moved]: others.map(([path]) => path).join(', '),
    [moved_to]: others.map(([, value]) => value).join(', '),
  };
}

/** Of each swept setting, in the order of rows, which is the experiment's. */
function firstValues(rows: readonly Described[]): Swept {
  const first: Record<string, string> = {};
  for (const { swept } of rows) {
    for (const [path, value] of Object.entries(swept)) {
      if (value !== '') first[path] ??= value;
    }
  }
  return first;
}

function lastPart(path: string): string {
  return path.split('.').at(-1)!;
}

/** An axis over the swept setting names it, where the specification names nothing. */
function withTitle(spec: TopLevelSpec, along: string): TopLevelSpec {
  return JSON.parse(JSON.stringify(spec), (_, held) =>
    held?.field === swept_at && !('title' in held) ? { ...held, title: along } : held,
  );
}

/** The same for data of any kind, under the name that the specification gives it. */
export async function renderData(
  figure: Pick<FigureSpec, 'name' | 'path' | 'spec' | 'note'>,
  data: readonly object[],
  subtitle: string,
  colours?: readonly string[],
  has_png = true,
): Promise<Figure> {
  const { name, path, spec, note } = figure;
  const held = withData(spec, data, linesOf(subtitle, note));
  const { svg, warnings } = await drawSpec(path, held, configOf(colours));
  const png = has_png ? renderPng(svg) : new Uint8Array();
  return { name, title: titleOf(spec), svg, png, warnings };
}

function linesOf(subtitle: string, note: string | undefined): string[] {
  return [...subtitle.split('\n'), ...(note === undefined ? [] : [note])];
}

function configOf(colours: readonly string[] | undefined): Config {
  return colours ? { ...figureStyle, range: { category: [...colours] } } : figureStyle;
}

/** Throws an `InputError` if Vega-Lite cannot make sense of the specification, before there are any rows. */
export function checkFigure({ path, spec }: Pick<FigureSpec, 'path' | 'spec'>): void {
  try {
    const { spec: compiled } = compile(withData(spec, [], []), { logger: collectWarnings([]) });
    vega.parse(compiled);
  } catch (error) {
    throw undrawable(path, error);
  }
}

function undrawable(path: string, error: unknown): InputError {
  // Vega-Lite quotes the whole specification, its data included.
  const message = (error as Error).message.replace(/(Invalid specification) \{.*/s, '$1');
  const what = `cannot be drawn: ${message.slice(0, 200)}`;
  return new InputError(path, what, expected('a specification that Vega-Lite 6 accepts'));
}

/** Draws a specification that holds its data, in a look of its own. */
export async function drawSpec(
  path: string,
  spec: TopLevelSpec,
  config: Config,
): Promise<{ svg: string; warnings: readonly string[] }> {
  const warnings: string[] = [];
  try {
    return { svg: await renderSvg(spec, collectWarnings(warnings), config), warnings };
  } catch (error) {
    throw undrawable(path, error);
  }
}

async function renderSvg(
  spec: TopLevelSpec,
  logger: vega.LoggerInterface,
  config: Config,
): Promise<string> {
  const compiled = compile(spec, { config, logger }).spec;
  const outlined = withOutlinedLegends(compiled);
  const view = new vega.View(vega.parse(outlined), { renderer: 'none', logger, loader: no_loader });
  vega.resetSVGDefIds();
  const svg = await view.toSVG();
  view.finalize();
  return svg;
}

function renderPng(svg: string): Uint8Array {
  const image = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: png_scale },
    font: { fontFiles: [font_path], loadSystemFonts: false, defaultFontFamily: font_family },
  });
  return image.render().asPng();
}

/** The specification with its data, and with what was simulated as its subtitle. */
function withData(spec: TopLevelSpec, data: readonly object[], subtitles: string[]): TopLevelSpec {
  const { name } = (spec as { data: { name: string } }).data;
  return {
    ...spec,
    title: {
      text: titleOf(spec),
      subtitle: subtitles.flatMap((text) => wrapText(text, subtitle_size_px, subtitle_width_px)),
    },
    datasets: { [name]: data },
  } as TopLevelSpec;
}

function titleOf({ title }: TopLevelSpec): string {
  const text = typeof title === 'object' && 'text' in title ? title.text : title;
  return String(text ?? '');
}

/** Nothing where the row does not read the setting: an empty text would be drawn at zero. */
function scalarOf(text: string): number | string | null {
  if (text === '') return null;
  const number = Number(text);
  return text.trim() !== '' && Number.isFinite(number) ? number : text;
}

function collectWarnings(warnings: string[]): vega.LoggerInterface {
  const logger: vega.LoggerInterface = {
    level: (() => logger) as vega.LoggerInterface['level'],
    error: (...words) => collect(words),
    warn: (...words) => collect(words),
    info: () => logger,
    debug: () => logger,
  };
  function collect(words: readonly unknown[]) {
    warnings.push(words.map(String).join(' '));
    return logger;
  }
  return logger;
}
