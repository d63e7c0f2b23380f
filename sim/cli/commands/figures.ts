/** `cxlsim figures`: figures for print, from results that are there or that it makes. */

import { basename, dirname, resolve } from 'node:path';
import type { Experiment } from '../../experiment/experiment.ts';
import { type PrintFigure, readPrintFigure } from '../../experiment/figure-file.ts';
import { installed } from '../../experiment/installed.ts';
import { shownPath } from '../../files/read-text.ts';
import { expected } from '../../input/expected.ts';
import { proposal } from '../../input/nearest.ts';
import { type Format, formats } from '../../report/print/formats.ts';
import type { Columns } from '../../report/print/style.ts';
import { claimMade, fillMade } from '../../results/made-folder.ts';
import type { Results } from '../../results/read-results.ts';
import { answer as print, reserveOutput } from '../answer.ts';
import { defineCommand, listed, often, once, single, wholeNumber } from '../command.ts';
import { exit_failed } from '../exit-codes.ts';
import { resultsFolder } from '../find-experiment.ts';
import { resultsOf } from '../results-of.ts';
import { UsageError } from '../usage-error.ts';

const index = 'figures.json';

export const figures = defineCommand({
  usage: 'figures [names..]',
  describe: 'draw figures for print, as papers have them; what they need is run first',
  options: {
    names: {
      type: 'string',
      array: true,
      describe: 'names of cxlsim list print-figures, or .vl.json files of your own [all]',
    },
    out: { ...once, describe: 'folder of the figures [results/figures beside the experiments]' },
    format: { ...often, describe: `${formats.join(', ')} [all three]` },
    columns: { ...once, describe: '1 (85 mm) or 2 (178 mm) [each that a figure is made for]' },
    title: {
      type: 'boolean',
      describe: 'write above each figure what it shows and what was simulated',
    },
    bare: {
      type: 'boolean',
      describe: 'write no notes below it; credit published values elsewhere',
    },
    jobs: { ...once, describe: 'trials that run at the same time [1; more if they are large]' },
    fresh: {
      type: 'boolean',
      describe: 'run again what is needed, and keep nothing of an earlier run; recordings stay',
    },
    json: { type: 'boolean', describe: 'print one JSON object, nothing else' },
  },
  complaint: { excess: expected('names of figures') },
  examples: [
    ['$0 figures', 'all figures for print, at one column and at two'],
    ['$0 figures fork-latency --format pdf --columns 2', 'one of them, across the page'],
  ],
  epilogue:
    'How they are drawn, and how to add one: docs/figures.md.\n' +
    'Exit codes: 0 done, 1 a trial failed or a figure is left out, 2 bad input or usage, 130 interrupted.',
  command(typed) {
    const options = {
      names: (typed.names ?? []) as readonly string[],
      out: single('out', typed.out),
      formats: formatsOf(typed.format),
      columns: wholeNumber('columns', typed.columns, { least: 1, most: 2 }) as Columns | undefined,
      title: typed.title === true,
      bare: typed.bare === true,
      jobs: wholeNumber('jobs', typed.jobs, { least: 1, most: 1024 }),
      fresh: typed.fresh === true,
      json: typed.json === true,
    };
    return () => drawFigures(options);
  },
});

interface FiguresOptions {
  readonly names: readonly string[];
  readonly out: string | undefined;
  readonly formats: readonly Format[];
  readonly columns: Columns | undefined;
  readonly title: boolean;
  readonly bare: boolean;
  readonly jobs: number | undefined;
  readonly fresh: boolean;
  readonly json: boolean;
}

function formatsOf(words: readonly string[] | undefined): readonly Format[] {
  if (words === undefined) return formats;
  return listed(words).map((word) => {
    const format = formats.find((each) => each === word);
    if (format !== undefined) return format;
    throw new UsageError(`--format is ${word}; ${proposal(word, formats)}`);
  });
}

/** By name; a file of the user's own by its path. */
function figureOf(word: string): PrintFigure {
  if (word.endsWith('.vl.json')) return ownFigure(word);
  const path = installed.print_figures.get(word);
  if (path !== undefined) return readPrintFigure(word, path);
  throw new UsageError(
    `no figure for print named ${word}; ${proposal(word, installed.print_figures.keys())}`,
  );
}

/** Its experiment is a shipped one by name, or a file beside it. */
function ownFigure(word: string): PrintFigure {
  const figure = readPrintFigure(basename(word, '.vl.json'), word);
  const { experiment } = figure.print;
  if (!/\.ya?ml$/.test(experiment)) return figure;
  return { ...figure, print: { ...figure.print, experiment: resolve(dirname(word), experiment) } };
}

async function drawFigures(options: FiguresOptions): Promise<number> {
  reserveOutput();
  const { names, columns, json } = options;
  const chosen = (names.length === 0 ? [...installed.print_figures.keys()] : names).map(figureOf);
  refuseTwice(chosen);
  const directory =
    options.out ?? resultsFolder([...installed.experiments.values()][0]!, 'figures');
  const made = claimMade(directory, index);
  const results = new Map<string, { experiment: Experiment; stored: Results }>();
  for (const name of new Set(chosen.map((figure) => figure.print.experiment))) {
    const measured = await resultsOf(name, options);
    if (typeof measured === 'number') return measured;
    results.set(name, measured);
  }
  const contents: Record<string, string | Uint8Array> = {};
  const left_out: string[] = [];
  for (const figure of chosen) {
    const { experiment, stored } = results.get(figure.print.experiment)!;
    const widths = figure.print.columns.filter((each) => columns === undefined || each === columns);
    if (widths.length === 0) {
      left_out.push(
        `${figure.name} is left out: it is not legible at ${columns} column${columns === 1 ? '' : 's'}`,
      );
      continue;
    }
    const { printFiles } = await import('../../report/print/print-files.ts');
    const drawn = await printFiles(figure, experiment, stored, { ...options, widths });
    if (typeof drawn === 'string') left_out.push(`${figure.name} is left out: ${drawn}`);
    else Object.assign(contents, drawn);
  }
  const about = { made_by: 'cxlsim figures', figures: chosen.map(({ name }) => name) };
  const paths = fillMade(directory, index, about, contents, made);
  for (const line of left_out) process.stderr.write(`${line}\n`);
  if (json) print(`${JSON.stringify({ directory, figures: paths, left_out }, null, 2)}\n`);
  else
    print(
      `${paths.length} files of ${chosen.length - left_out.length} figures in ${shownPath(directory)}\n`,
    );
  return left_out.length > 0 ? exit_failed : 0;
}

function refuseTwice(chosen: readonly PrintFigure[]): void {
  const names = chosen.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined)
    throw new UsageError(`figure ${twice} is named twice; ${expected('each once')}`);
}
