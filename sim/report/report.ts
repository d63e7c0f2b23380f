/**
 * Reports an experiment's stored results:
 *
 *     measurements.csv, series.csv ─► 1 groups ─► 2 table ─► terminal, report.md
 *                                 └─► 3 figures ─► figures/*.svg, *.png      4 all together ─► report.html
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runsModel } from '../backends/registry.ts';
import { findBaseline } from '../experiment/baseline.ts';
import type { Experiment } from '../experiment/experiment.ts';
import { InputError } from '../input/input-error.ts';
import { baseline as baseline_mechanism } from '../mechanisms/registry.ts';
import type { Gap, Manifest } from '../results/manifest.ts';
import { type Measurement, readMeasurements } from '../results/measurements-csv.ts';
import {
  type Baseline,
  baselineName,
  type OverWorkloads,
  overWorkloads,
  writeOverWorkloads,
} from '../results/over-workloads.ts';
import type { SeriesPoint } from '../results/series-csv.ts';
import { storedSeries } from '../results/stored-series.ts';
import { summarize } from '../results/summarize.ts';
import { scenarioOf } from '../scenarios/registry.ts';
import { agreement } from './agreement.ts';
import { bandNotes } from './band-notes.ts';
import { writeBands } from './bands-csv.ts';
import { basisOf } from './basis.ts';
import {
  caveats,
  circumstances,
  overBudget,
  refusedInstances,
  variation,
} from './circumstances.ts';
import { comparisonTable } from './comparison-table.ts';
import { drawFigures, imagesOf } from './draw-figures.ts';
import { bandShare, errorBand } from './error-bands.ts';
import { htmlReport } from './html-report.ts';
import { madeWithNotes } from './made-with.ts';
import { markdownTable } from './markdown-table.ts';
import { markdownList, markdownText } from './markdown-text.ts';
import { modelLimits } from './model-limits.ts';
import { notModelled } from './not-modelled.ts';
import { overWorkloadsTable } from './over-workloads-table.ts';
import { propertiesTable } from './properties-table.ts';
import { type GroupWithBands, summaryWithBands } from './summary-with-bands.ts';
import type { Table } from './table.ts';
import { terminalTable, terminalWidth } from './terminal-table.ts';
import { writeReport } from './write-report.ts';

export interface Report {
  /** Table and notes for the terminal. */
  readonly text: string;
  /** Paths of the figures' files. */
  readonly figures: readonly string[];
  /** Medians and intervals as data. */
  readonly summary: readonly GroupWithBands[];
  /** What must be said of these numbers. */
  readonly notes: readonly string[];
  /** Geometric means over workloads, relative to the baseline. */
  readonly over_workloads: {
    readonly baseline: Baseline | undefined;
    readonly rows: readonly OverWorkloads[];
  };
}

/** `width` is the terminal's; without one, lines may be as long as the table needs. */
export async function report(options: {
  experiment: Experiment;
  directory: string;
  width?: number;
  /** As `--baseline` names it; that of mechanisms without. */
  baseline?: string | undefined;
}): Promise<Report> {
  const { experiment, directory, width = terminalWidth() } = options;
  const { rows, points, manifest } = readResults(directory, experiment);

  // 1
  const groups = summarize(rows);

  // 2
  const baseline = findBaseline(experiment, options.baseline);
  const table = comparisonTable(groups, options.baseline === undefined ? undefined : baseline, {
    basis: (group) => basisOf(experiment, group),
    band: (group) => errorBand(experiment, group, 'end_to_end_ms'),
    share: bandShare(),
  });
  const means = baseline ? overWorkloads(groups, baseline) : [];
  const over = baseline && overWorkloadsTable(means, baseline);
  const further = [over, propertiesTable(experiment)].filter((each) => each !== undefined);
  const terminal = terminalTable(table, width);
  const about = circumstances(experiment);
  const agreed = agreement(groups);

  // 3
  const { figures, left_out } = await drawFigures(experiment, { rows, points });

  const { failed } = manifest.trials;
  const undrawn =
    figures.length > 0 && failed > 0
      ? [
          `${failed === 1 ? '1 failed trial is' : `${failed} failed trials are`} not drawn in figures.`,
        ]
      : [];

  // 4
  const gaps = [...gapLines('skipped', manifest.skipped), ...gapLines('failed', manifest.failed)];
  const notes = [
    ...(rows.length > 0 ? [variation(experiment, groups)] : ['No trial has measurements.']),
    ...caveats(experiment),
    ...overBudget(groups),
    ...refusedInstances(groups),
    ...bandNotes(experiment, groups),
    ...modelLimits(experiment, groups),
    ...gaps,
    ...undrawn,
    ...left_out,
    ...overNotes(experiment, baseline, means),
  ];
  const counts = agreed
    ? [{ table: agreed.table, notes: [...agreed.notes, ...madeWithNotes(experiment.workloads)] }]
    : [];
  const content = { manifest, circumstances: about, table, further, counts, figures, notes };
  const is_simulated = experiment.backends.some(runsModel);
  const limits = is_simulated ? notModelled(experiment.scenario, experiment.mechanisms) : [];
  const markdown = [
    `# ${[experiment.name, experiment.question, about].map(markdownText).join('\n\n')}\n`,
    ...counts.map((each) => `## Counts\n\n${asMarkdown(each)}\n## Times and memory\n`),
    markdownTable(table),
    ...further.map(markdownTable),
    markdownList(notes),
    limits.length > 0 ? `Not modelled:\n\n${markdownList(limits)}` : '',
    figures.map(({ name, title }) => `![${markdownText(title)}](figures/${name}.svg)\n`).join('\n'),
  ];
  const bands = writeBands(experiment, groups);
  const texts = {
    'report.html': htmlReport({ ...content, not_modelled: limits }),
    'report.md': markdown.filter(Boolean).join('\n'),
    ...(bands !== undefined && { 'bands.csv': bands }),
    ...(over && { 'summary.csv': writeOverWorkloads(means, baseline, sweptOf(experiment)) }),
  };
  const paths = writeReport(directory, manifest, { ...texts, ...imagesOf(figures) });

  const dropped =
    terminal.dropped.length > 0
      ? [`No room here for: ${terminal.dropped.join(', ')}; see ${join(directory, 'report.md')}.`]
      : [];
  const head = `${experiment.question}\n${about}`;
  const counted = counts.map(
    (each) => `${terminalTable(each.table, width).text}\n\n${each.notes.join('\n')}`,
  );
  const summed = further.map((each) => terminalTable(each, width).text);
  const body = rows.length > 0 ? [head, ...counted, terminal.text, ...summed] : [head];
  return {
    text: `${[...body, [...notes, ...dropped].join('\n')].join('\n\n')}\n`,
    figures: paths,
    summary: groups.map((group) => summaryWithBands(experiment, group)),
    notes,
    over_workloads: { baseline, rows: means },
  };
}

function sweptOf({ sweep }: Experiment): string[] {
  return sweep.map(({ path }) => path);
}

/** How the means were made, or why there are none. */
function overNotes(
  { scenario, workloads }: Experiment,
  baseline: Baseline | undefined,
  means: readonly OverWorkloads[],
): string[] {
  if (workloads.length < 2 || workloads.every(({ kind }) => kind === 'llm')) return [];
  // Functions that are served together are one row.
  if (scenarioOf({ scenario }).serving !== undefined) return [];
  if (baseline === undefined) {
    return [
      `No means over functions: ${baseline_mechanism.name} is not listed; --baseline names another mechanism.`,
    ];
  }
  if (means.length === 0) return [];
  return [
    `Over functions: geometric means of ratios of medians to those of ${baselineName(baseline)}; ` +
      'empty where a function has no such number, or zero.',
  ];
}

/** A table and what must be said of it. */
interface Counts {
  readonly table: Table;
  readonly notes: readonly string[];
}

function asMarkdown({ table, notes }: Counts): string {
  return `${markdownTable(table)}\n${markdownList(notes)}`;
}

interface Results {
  readonly rows: Measurement[];
  /** Of series; empty where no trial has any. */
  readonly points: SeriesPoint[];
  readonly manifest: Manifest;
}

function readResults(directory: string, experiment: Experiment): Results {
  const { rows, manifest } = readTables(directory);
  return { rows, points: storedSeries(directory, manifest.files, experiment), manifest };
}

function readTables(directory: string): Pick<Results, 'rows' | 'manifest'> {
  const path = join(directory, 'measurements.csv');
  try {
    const manifest = JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8'));
    const { rows } = readMeasurements(readFileSync(path, 'utf8'));
    return { rows, manifest };
  } catch (error) {
    throw new InputError(
      path,
      `cannot be read: ${(error as Error).message}`,
      'remove the directory and run the experiment again',
    );
  }
}

function gapLines(word: 'skipped' | 'failed', gaps: readonly Gap[]): string[] {
  return gaps.map(
    ({ reason, count }) => `${word} ${count === 1 ? '1 trial' : `${count} trials`}: ${reason}`,
  );
}
