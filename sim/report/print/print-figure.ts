/**
 * Draws a figure for print at a width in columns of a page:
 *
 *     spec + points ──► fills and shapes of series ──► Vega, until it is as wide as the column ──► notes below ──► SVG ──► PNG, PDF
 *
 * One unit of the drawing is a point of print, 1/72 inch, so that a font size of 6 is 6 pt on the page.
 */

import { Resvg } from '@resvg/resvg-js';
import type { Config, TopLevelSpec } from 'vega-lite';
import type { PrintFigure } from '../../experiment/figure-file.ts';
import { font_family, font_path, wrapText } from '../font-metrics.ts';
import { drawSpec } from '../render-figure.ts';
import { hatchDefinitions } from './hatches.ts';
import type { Point } from './point.ts';
import { type Columns, knownLabel, printStyle } from './style.ts';
import { escaped } from './svg-text.ts';
import { withSeries } from './with-series.ts';

export interface PrintOptions {
  readonly columns: Columns;
  /** Lines above the drawing; none without. */
  readonly head: readonly string[];
  /** Lines below it: what marks and whiskers are, and whose values are drawn. */
  readonly notes: readonly string[];
}

export interface Drawn {
  readonly svg: string;
  readonly warnings: readonly string[];
}

const points_per_mm = 72 / 25.4;
const small_pt = 6;
const line_pt = 7.5;
const margin_pt = 2;
const png_dots_per_inch = 600;

const ink = '#222222';
const text = { labelFontSize: 6.5, titleFontSize: 7, titleFontWeight: 'normal' } as const;

/** The look that all figures for print share. */
export const printConfig: Config = {
  background: 'white',
  padding: margin_pt,
  font: `${font_family}, Liberation Sans, Arial, Helvetica, sans-serif`,
  axis: {
    ...text,
    ...{ labelColor: ink, titleColor: ink, domainColor: ink, tickColor: ink },
    ...{ domainWidth: 0.6, tickWidth: 0.6, tickSize: 2.5, labelPadding: 2, titlePadding: 3 },
    ...{
      gridColor: '#DDDDDD',
      gridWidth: 0.4,
      labelFlush: false,
      labelLimit: 200,
      titleLimit: 400,
    },
    // Vega moves axes by half a unit, to the middle of a pixel; here a unit is a point.
    translate: 0,
  },
  axisBand: { grid: false, ticks: false },
  header: { ...text, labelColor: ink },
  legend: {
    ...text,
    ...{ orient: 'top', labelColor: ink, titleColor: ink, labelLimit: 300, offset: 3, padding: 0 },
    ...{ symbolType: 'square', symbolSize: 42, symbolStrokeWidth: 0.5, symbolStrokeColor: ink },
    ...{ columnPadding: 7, rowPadding: 1.5, labelOffset: 2.5 },
  },
  bar: { stroke: ink, strokeWidth: 0.4 },
  point: { stroke: ink, strokeWidth: 0.6, size: 16, filled: false, opacity: 1 },
  line: { stroke: ink, strokeWidth: 0.9 },
  rule: { stroke: ink, strokeWidth: 0.7 },
  text: { fontSize: small_pt, fill: ink },
  view: { stroke: null },
};

export function widthOf(columns: Columns): number {
  return printStyle().width_mm[columns] * points_per_mm;
}

export async function drawForPrint(
  { path, spec, print }: PrintFigure,
  points: readonly Point[],
  { columns, head, notes }: PrintOptions,
): Promise<Drawn> {
  const width = widthOf(columns);
  const data = points.map(dataOf);
  const own = withSeries(untitled(spec), data);
  const shaped = columns === 1 && print.fold ? folded(own, data) : own;
  const { name } = (spec as { data: { name: string } }).data;
  const draw = (inner: number) => drawSpec(path, sized(shaped, inner, name, data), printConfig);
  // What axes and legends take of the width is known when it is drawn.
  let inner = width - 30;
  let drawn = await draw(inner);
  for (let times = 0; times < 3 && Math.abs(sizeOf(drawn.svg).width - width) > 0.25; times++) {
    inner += width - sizeOf(drawn.svg).width;
    drawn = await draw(inner);
  }
  const excess = sizeOf(drawn.svg).width - width;
  const warnings = excess > 1 ? [`it is ${excess.toFixed(0)} pt wider than the column`] : [];
  return { svg: page(drawn.svg, width, head, notes), warnings: [...drawn.warnings, ...warnings] };
}

export function printPng(svg: string): Uint8Array {
  const image = new Resvg(svg, {
    fitTo: { mode: 'width', value: Math.round((sizeOf(svg).width * png_dots_per_inch) / 72) },
    font: { fontFiles: [font_path], loadSystemFonts: false, defaultFontFamily: font_family },
  });
  return image.render().asPng();
}

/** Width and height in points. */
export function sizeOf(svg: string): { width: number; height: number } {
  const [, width, height] = /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(svg)!;
  return { width: Number(width), height: Number(height) };
}

/** A row as the specification sees it: swept settings and names of series are columns. */
function dataOf({ swept, ...point }: Point): Record<string, unknown> {
  const values = Object.entries(swept).map(([path, value]) => [path, scalarOf(value)]);
  const latency = swept['fabric.cxl.latency_ns'];
  return {
    ...{
      low: null,
      high: null,
      least: null,
      most: null,
      undivided: null,
      at: null,
      published: null,
    },
    ...point,
    ...Object.fromEntries(values),
    phase: knownLabel('phase', point.metric),
    part: knownLabel('part', point.metric),
    ...(latency !== undefined && { latency: `${latency} ns` }),
  };
}

function scalarOf(value: string): number | string | null {
  if (value === '') return null;
  return Number.isFinite(Number(value)) ? Number(value) : value;
}

function untitled({ title: _, usermeta: __, ...spec }: TopLevelSpec & { usermeta?: unknown }) {
  return spec as TopLevelSpec;
}

/** The same view twice below one another, each with one half of the functions. */
function folded(spec: TopLevelSpec, data: readonly Record<string, unknown>[]): TopLevelSpec {
  const {
    $schema,
    data: source,
    description,
    transform = [],
    resolve,
    ...view
  } = spec as never as Record<string, never> & {
    transform?: object[];
    resolve?: Record<string, object>;
  };
  const functions = [...new Set(data.map((row) => String(row['function'])))];
  const first = functions.slice(0, Math.ceil(functions.length / 2));
  const half = (is_first: boolean) => {
    const test = { field: 'function', oneOf: first };
    return { ...view, transform: [{ filter: is_first ? test : { not: test } }] };
  };
  return {
    ...{ $schema, data: source, description, transform, spacing: 8 },
    vconcat: [half(true), half(false)],
    // A row may hold fewer functions, which then are further apart.
    resolve: { ...resolve, scale: { y: 'shared', ...resolve?.['scale'], xOffset: 'independent' } },
  } as never as TopLevelSpec;
}

function sized(
  spec: TopLevelSpec,
  width: number,
  name: string,
  data: readonly object[],
): TopLevelSpec {
  const views = (spec as { vconcat?: object[] }).vconcat;
  return {
    ...spec,
    ...(views ? { vconcat: views.map((each) => ({ ...each, width })) } : { width }),
    datasets: { [name]: data },
  } as never as TopLevelSpec;
}

/** The drawing with its lines above and below, as wide as the column, in millimetres. */
function page(
  svg: string,
  width: number,
  head: readonly string[],
  notes: readonly string[],
): string {
  const drawn = sizeOf(svg);
  const room = width - 2 * margin_pt;
  const above = head.flatMap((line) => wrapText(line, small_pt + 0.5, room));
  const below = notes.flatMap((line) => wrapText(line, small_pt, room));
  const top = above.length * (line_pt + 1);
  const height = top + drawn.height + (below.length === 0 ? 0 : below.length * line_pt + 1);
  const inner = svg.replace(/^[\s\S]*?<svg[^>]*>/, '').replace(/<\/svg>\s*$/, '');
  const at = (line: string, y: number, size: number) =>
    `<text font-family="${font_family}, Liberation Sans, Arial, Helvetica, sans-serif" font-size="${size}px" fill="${ink}" transform="translate(${margin_pt},${round(y)})">${escaped(line)}</text>`;
  const lines = [
    ...above.map((line, i) => at(line, (i + 1) * (line_pt + 1) - 2, small_pt + 0.5)),
    ...below.map((line, i) => at(line, top + drawn.height + (i + 1) * line_pt - 2, small_pt)),
  ];
  const mm = (pt: number) => `${round(pt / points_per_mm)}mm`;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" version="1.1" width="${mm(width)}" height="${mm(height)}" ` +
    `viewBox="0 0 ${round(width)} ${round(height)}">${hatchDefinitions(inner)}` +
    `<rect width="${round(width)}" height="${round(height)}" fill="white"/>` +
    `<g transform="translate(0,${round(top)})">${inner}</g>${lines.join('')}</svg>\n`
  );
}

function round(value: number): number {
  return Number(value.toFixed(3));
}
