/**
 * Reports an experiment's stored results:
 *
 *     measurements.csv ─► 1 groups ─► 2 table ─► terminal, report.md
 *                     └─► 3 figures ─► figures/*.svg, *.png      4 all together ─► report.html
 */

import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Experiment } from '../experiment/experiment.ts';
import { InputError } from '../experiment/input-error.ts';
import type { Gap, Manifest } from '../results/manifest.ts';
import { type Measurement, readMeasurements } from '../results/measurements-csv.ts';
import { storageFailure } from '../results/storage-failure.ts';
import { type Group, summarize } from '../results/summarize.ts';
import { writeAtomically } from '../results/write-atomically.ts';
import { agreement } from './agreement.ts';
import { caveats, circumstances, variation } from './circumstances.ts';
import { type ComparisonTable, comparisonTable } from './comparison-table.ts';
import { lacks, readFigureSpec } from './figure-spec.ts';
import { htmlReport } from './html-report.ts';
import { madeWithNotes } from './made-with.ts';
import { markdownTable } from './markdown-table.ts';
import { markdownList, markdownText } from './markdown-text.ts';
import { notModelled } from './not-modelled.ts';
import type { Figure } from './render-figure.ts';
import { terminalTable, terminalWidth } from './terminal-table.ts';

export interface Report {
  /** Table and notes for the terminal. */
  readonly text: string;
  /** Paths of the figures' files. */
  readonly figures: readonly string[];
  /** Medians and intervals as data. */
  readonly summary: readonly Omit<Group, 'values'>[];
}

/** `width` is the terminal's; without one, lines may be as long as the table needs. */
export async function report(options: {
  experiment: Experiment;
  directory: string;
  width?: number;
}): Promise<Report> {
  const { experiment, directory, width = terminalWidth() } = options;
  const { rows, manifest } = readResults(directory);

  // 1
  const groups = summarize(rows);

  // 2
  const table = comparisonTable(groups);
  const terminal = terminalTable(table, width);
  const about = circumstances(experiment);
  const agreed = agreement(groups);

  // 3
  const { figures, left_out } = await drawFigures(experiment, rows);
  const paths = writeFigures(directory, figuresOf(experiment), figures);

  // 4
  const gaps = [...gapLines('skipped', manifest.skipped), ...gapLines('failed', manifest.failed)];
  const notes = [
    ...(rows.length > 0 ? [variation(experiment, groups)] : ['No trial has measurements.']),
    ...caveats(experiment),
    ...gaps,
    ...left_out,
  ];
  const counts = agreed
    ? [{ table: agreed.table, notes: [...agreed.notes, ...madeWithNotes(experiment.workloads)] }]
    : [];
  const content = { manifest, circumstances: about, table, counts, figures, notes };
  const is_simulated = experiment.backends.includes('simulated');
  const limits = is_simulated ? notModelled(experiment.mechanisms) : [];
  writeAtomically(join(directory, 'report.html'), htmlReport({ ...content, not_modelled: limits }));
  const markdown = [
    `# ${[experiment.name, experiment.question, about].map(markdownText).join('\n\n')}\n`,
    ...counts.map((each) => `## Counts\n\n${asMarkdown(each)}\n## Times and memory\n`),
    markdownTable(table),
    markdownList(notes),
    limits.length > 0 ? `Not modelled:\n\n${markdownList(limits)}` : '',
    figures.map(({ name, title }) => `![${markdownText(title)}](figures/${name}.svg)\n`).join('\n'),
  ];
  writeAtomically(join(directory, 'report.md'), markdown.filter(Boolean).join('\n'));

  const dropped =
    terminal.dropped.length > 0
      ? [`No room here for: ${terminal.dropped.join(', ')}; see ${join(directory, 'report.md')}.`]
      : [];
  const head = `${experiment.question}\n${about}`;
  const counted = counts.map(
    (each) => `${terminalTable(each.table, width).text}\n\n${each.notes.join('\n')}`,
  );
  const body = rows.length > 0 ? [head, ...counted, terminal.text] : [head];
  return {
    text: `${[...body, [...notes, ...dropped].join('\n')].join('\n\n')}\n`,
    figures: paths,
    summary: groups.map(({ values: _, ...group }) => group),
  };
}

/** A table and what must be said of it. */
interface Counts {
  readonly table: ComparisonTable;
  readonly notes: readonly string[];
}

function asMarkdown({ table, notes }: Counts): string {
  return `${markdownTable(table)}\n${markdownList(notes)}`;
}

function readResults(directory: string): { rows: Measurement[]; manifest: Manifest } {
  const path = join(directory, 'measurements.csv');
  try {
    const manifest = JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8'));
    return { rows: readMeasurements(readFileSync(path, 'utf8')).rows, manifest };
  } catch (error) {
    throw new InputError(
      path,
      `cannot be read: ${(error as Error).message}`,
      'remove the directory and run the experiment again',
    );
  }
}

/** Draws each figure once per backend: numbers of the model and of a machine are not mixed in one. */
async function drawFigures(
  experiment: Experiment,
  rows: readonly Measurement[],
): Promise<{ figures: Figure[]; left_out: string[] }> {
  const figures: Figure[] = [];
  const left_out: string[] = [];
  for (const { name, spec, backend } of figuresOf(experiment)) {
    const own = rows.filter((row) => row.backend === backend);
    const reason = own.length === 0 ? 'there are no measurements' : lacks(spec.needs, own);
    if (reason !== undefined) {
      left_out.push(`Figure ${name} is left out: ${reason}.`);
      continue;
    }
    // Vega takes a third of a second to load: only when there is something to draw.
    const { renderFigure } = await import('./render-figure.ts');
    const subtitle = circumstances({ ...experiment, backends: [backend] });
    const figure = await renderFigure({ ...spec, name }, own, subtitle);
    figures.push(figure);
    left_out.push(...figure.warnings.map((warning) => `Figure ${name}: ${warning}`));
  }
  return { figures, left_out };
}

function figuresOf({ figures, backends }: Experiment) {
  return figures.flatMap((figure) => {
    const spec = readFigureSpec(figure);
    return backends.map((backend) => {
      return { name: backends.length === 1 ? figure : `${figure}-${backend}`, spec, backend };
    });
  });
}

/** Writes the figures and removes what an earlier report drew and this one does not. */
function writeFigures(
  directory: string,
  wanted: readonly { readonly name: string }[],
  figures: readonly Figure[],
): string[] {
  const folder = join(directory, 'figures');
  for (const { name } of wanted) {
    if (figures.some((figure) => figure.name === name)) continue;
    for (const ending of ['svg', 'png']) rmSync(join(folder, `${name}.${ending}`), { force: true });
  }
  if (figures.length === 0) return [];
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw storageFailure(folder, error, 'make room or choose another directory with --out');
  }
  return figures.flatMap(({ name, svg, png }) => {
    const paths = [join(folder, `${name}.svg`), join(folder, `${name}.png`)] as const;
    writeAtomically(paths[0], svg);
    writeAtomically(paths[1], png);
    return paths;
  });
}

function gapLines(word: 'skipped' | 'failed', gaps: readonly Gap[]): string[] {
  return gaps.map(
    ({ reason, count }) => `${word} ${count === 1 ? '1 trial' : `${count} trials`}: ${reason}`,
  );
}
