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
import { compile, type TopLevelSpec } from 'vega-lite';
import { InputError } from '../experiment/input-error.ts';
import type { Measurement } from '../results/measurements-csv.ts';
import type { FigureSpec } from './figure-spec.ts';
import { figureStyle, png_scale, subtitle_size_px, subtitle_width_px } from './figure-style.ts';
import { font_family, font_path, textWidth, wrapText } from './font-metrics.ts';
import { coloursOf } from './palette.ts';

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

/** Draws the figure; throws an `InputError` if Vega-Lite cannot make sense of the specification. */
export async function renderFigure(
  figure: FigureSpec,
  rows: readonly Measurement[],
  subtitle: string,
): Promise<Figure> {
  const warnings: string[] = [];
  try {
    const svg = await renderSvg(figure, rows, subtitle, collectWarnings(warnings));
    return { name: figure.name, title: titleOf(figure.spec), svg, png: renderPng(svg), warnings };
  } catch (error) {
    const what = `cannot be drawn: ${(error as Error).message}`;
    throw new InputError(figure.path, what, 'a specification that Vega-Lite 6 accepts');
  }
}

async function renderSvg(
  { spec, note, colour_by }: FigureSpec,
  rows: readonly Measurement[],
  subtitle: string,
  logger: vega.LoggerInterface,
): Promise<string> {
  const config = colour_by
    ? { ...figureStyle, range: { category: coloursOf(rows, colour_by) } }
    : figureStyle;
  const lines = note === undefined ? [subtitle] : [subtitle, note];
  const compiled = compile(withData(spec, rows, lines), { config, logger }).spec;
  const view = new vega.View(vega.parse(compiled), { renderer: 'none', logger });
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

/** The specification with the rows as its data and what was simulated as its subtitle. */
function withData(
  spec: TopLevelSpec,
  rows: readonly Measurement[],
  subtitles: string[],
): TopLevelSpec {
  const measurements = rows.map(({ swept, ...row }) => ({
    ...row,
    ...Object.fromEntries(Object.entries(swept).map(([path, text]) => [path, scalarOf(text)])),
  }));
  return {
    ...spec,
    title: {
      text: titleOf(spec),
      subtitle: subtitles.flatMap((text) => wrapText(text, subtitle_size_px, subtitle_width_px)),
    },
    datasets: { measurements },
  } as TopLevelSpec;
}

function titleOf({ title }: TopLevelSpec): string {
  const text = typeof title === 'object' && 'text' in title ? title.text : title;
  return String(text ?? '');
}

function scalarOf(text: string): number | string {
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
