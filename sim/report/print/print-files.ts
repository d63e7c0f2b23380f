/** A figure for print as files: each width in each format. */

import type { Experiment } from '../../experiment/experiment.ts';
import { type PrintFigure, readPrintFigure } from '../../experiment/figure-file.ts';
import { installed } from '../../experiment/installed.ts';
import type { Results } from '../../results/read-results.ts';
import { storedSeries } from '../../results/stored-series.ts';
import { seriesNames } from '../../series.ts';
import { lacks } from '../figure-needs.ts';
import { storedExperiment } from '../page/stored-experiment.ts';
import type { Format } from './formats.ts';
import { pointsOf, type Tables } from './points.ts';
import { drawForPrint, printPng } from './print-figure.ts';
import { headOf, notesOf } from './print-notes.ts';
import { printPdf } from './print-pdf.ts';
import { publishedIn } from './published.ts';
import type { Columns } from './style.ts';

type Files = Record<string, string | Uint8Array>;

export interface FileOptions {
  readonly widths: readonly Columns[];
  readonly formats: readonly Format[];
  /** What it shows and what was simulated, above it. */
  readonly title: boolean;
  /** No notes below it. */
  readonly bare: boolean;
}

/** Files by name; the reason where the results lack what it needs. */
export async function printFiles(
  figure: PrintFigure,
  experiment: Experiment,
  results: Results,
  { widths, formats, title, bare }: FileOptions,
): Promise<Files | string> {
  const { published: of } = figure.print;
  const published = of && (await publishedIn(of.source, of.figure));
  const points = pointsOf(figure, experiment, tablesFor(figure, experiment, results), published);
  // Inputs of functions have no mechanism.
  const measured = points.filter(({ mechanism }) => mechanism !== '');
  const reason =
    measured.length === 0 ? 'nothing of it was measured' : lacks(figure.needs, measured);
  if (reason !== undefined) return reason;
  const head = title ? headOf(figure, experiment) : [];
  const notes = bare ? [] : notesOf(figure, points, published, experiment.repetitions);
  const files: Files = {};
  for (const columns of widths) {
    const { svg, warnings } = await drawForPrint(figure, points, { columns, head, notes });
    if (warnings.length > 0) return warnings[0]!;
    const name = `${figure.name}-${columns === 1 ? 'one-column' : 'two-columns'}`;
    for (const format of formats) files[`${name}.${format}`] = await as(format, svg, figure.name);
  }
  return files;
}

/** Series are many rows: those that the figure asks for. */
function tablesFor(
  { needs }: PrintFigure,
  experiment: Experiment,
  { directory, manifest, rows }: Results,
): Tables {
  const wanted = seriesNames.filter((name) => needs.metrics?.includes(name));
  if (wanted.length === 0) return { rows, series: [] };
  const series = storedSeries(directory, manifest.files, experiment);
  return { rows, series: series.filter(({ metric }) => wanted.includes(metric)) };
}

function as(format: Format, svg: string, title: string): string | Uint8Array | Promise<Uint8Array> {
  if (format === 'svg') return svg;
  return format === 'png' ? printPng(svg) : printPdf(svg, title);
}

/** Figures for print that stored results have what they need for, as SVG and PDF. */
export async function printFiguresOf(results: Results): Promise<Files> {
  const experiment = storedExperiment(results);
  const files: Files = {};
  for (const [name, path] of installed.print_figures) {
    const figure = readPrintFigure(name, path);
    if (figure.print.experiment !== experiment.name) continue;
    const options = { formats: ['svg', 'pdf'] as const, title: false, bare: false };
    const widths = figure.print.columns;
    const drawn = await printFiles(figure, experiment, results, { ...options, widths });
    if (typeof drawn !== 'string') Object.assign(files, drawn);
  }
  return files;
}
