/** `cxlsim reproduce`: what the paper claims, number by number beside this simulator's, with figures and a ledger. */

import type { Experiment } from '../../experiment/experiment.ts';
import { readPrintFigure } from '../../experiment/figure-file.ts';
import { installed } from '../../experiment/installed.ts';
import { shownPath } from '../../files/read-text.ts';
import { expected } from '../../input/expected.ts';
import { proposal } from '../../input/nearest.ts';
import { answersTo, reproductionPage } from '../../report/reproduction/reproduction-page.ts';
import { readStatements, type Statement } from '../../report/reproduction/statements.ts';
import { claimMade, fillMade } from '../../results/made-folder.ts';
import type { Results } from '../../results/read-results.ts';
import type { Answer } from '../../validation/answer.ts';
import { chooseClaims } from '../../validation/choose-claims.ts';
import { isKnown, readLedger } from '../../validation/ledger.ts';
import { type SourceAnswers, validate } from '../../validation/validate.ts';
import { answer as print, reserveOutput } from '../answer.ts';
import { defineCommand, once, single, wholeNumber } from '../command.ts';
import { exit_failed, exit_interrupted } from '../exit-codes.ts';
import { resultsFolder } from '../find-experiment.ts';
import { interruption } from '../interruption.ts';
import { progressBar } from '../progress.ts';
import { resultsOf } from '../results-of.ts';
import { UsageError } from '../usage-error.ts';
import { usualJobs } from '../usual-jobs.ts';

const index = 'reproduction.json';

export const reproduce = defineCommand({
  usage: 'reproduce [claims..]',
  describe: 'what the paper claims: published numbers beside this run’s, figures, deviations',
  options: {
    claims: {
      type: 'string',
      array: true,
      describe: 'names in experiments/reproduction/claims.yaml [all]',
    },
    all: {
      type: 'boolean',
      describe: 'every published number and every figure for print, not the claims alone',
    },
    out: { ...once, describe: 'folder of page and figures [results/reproduction]' },
    jobs: { ...once, describe: 'trials that run at the same time [1; more if they are large]' },
    fresh: {
      type: 'boolean',
      describe: 'run again what is needed, and keep nothing of an earlier run; recordings stay',
    },
    json: { type: 'boolean', describe: 'print one JSON object, nothing else' },
  },
  complaint: { excess: expected('names of claims') },
  examples: [
    ['$0 reproduce', 'all claims: some minutes'],
    ['$0 reproduce near-a-local-fork', 'one of them'],
    ['$0 reproduce --all', 'all that is published and drawn: up to an hour'],
  ],
  epilogue:
    'Stop it at any time; the same command continues. Published numbers alone: cxlsim validate.\n' +
    'Exit codes: 0 done, 1 a number misses for no known reason or a trial failed,\n' +
    '2 bad input or usage, 130 interrupted.',
  command(typed) {
    const options = {
      claims: (typed.claims ?? []) as readonly string[],
      all: typed.all === true,
      out: single('out', typed.out),
      jobs: wholeNumber('jobs', typed.jobs, { least: 1, most: 1024 }),
      fresh: typed.fresh === true,
      json: typed.json === true,
    };
    if (options.all && options.claims.length > 0) {
      throw new UsageError(`reproduce: --all and ${options.claims[0]}; ${expected('one of both')}`);
    }
    return () => reproduceClaims(options);
  },
});

interface ReproduceOptions {
  readonly claims: readonly string[];
  readonly all: boolean;
  readonly out: string | undefined;
  readonly jobs: number | undefined;
  readonly fresh: boolean;
  readonly json: boolean;
}

function chosenOf(words: readonly string[]): Statement[] {
  const all = readStatements();
  if (words.length === 0) return [...all.values()];
  return [...new Set(words)].map((word) => {
    const found = all.get(word);
    if (found !== undefined) return found;
    throw new UsageError(`reproduce: no claim named ${word}; ${proposal(word, all.keys())}`);
  });
}

async function reproduceClaims(options: ReproduceOptions): Promise<number> {
  const { claims, all, out, jobs, fresh, json } = options;
  reserveOutput();
  const statements = chosenOf(claims);
  const directory = out ?? resultsFolder([...installed.experiments.values()][0]!, 'reproduction');
  const made = claimMade(directory, index);
  const sources = await answersOf(all ? [] : statements.flatMap((each) => each.numbers), jobs);
  if (sources === undefined) return exit_interrupted;
  const answers = sources.flatMap((source) => source.answers);
  const contents: Record<string, string | Uint8Array> = {};
  const files = new Map<string, readonly string[]>();
  const measured = new Map<string, { experiment: Experiment; stored: Results }>();
  const { printFiles } = await import('../../report/print/print-files.ts');
  const figures = all ? installed.print_figures.keys() : statements.flatMap((each) => each.figures);
  for (const name of new Set(figures)) {
    const figure = readPrintFigure(name, installed.print_figures.get(name)!);
    const { experiment } = figure.print;
    const results = measured.get(experiment) ?? (await resultsOf(experiment, { jobs, fresh }));
    if (typeof results === 'number') return results;
    measured.set(experiment, results);
    const drawn = await printFiles(figure, results.experiment, results.stored, {
      widths: [figure.print.columns.at(-1)!],
      formats: ['svg', 'pdf'],
      ...{ title: false, bare: false },
    });
    if (typeof drawn === 'string') process.stderr.write(`${name} is left out: ${drawn}\n`);
    else {
      files.set(name, Object.keys(drawn));
      Object.assign(contents, drawn);
    }
  }
  const ledger = readLedger();
  const page = { statements, sources, ledger, files, all };
  contents['reproduction.md'] = reproductionPage(page);
  const summary = statements.map((each) => ({
    claim: each.name,
    says: each.says,
    numbers: answersTo(each, answers).map(({ claim, verdict, modelled }) => ({
      ...{ id: claim.id, published: claim.published, modelled, verdict },
    })),
  }));
  const paths = fillMade(
    directory,
    index,
    { made_by: 'cxlsim reproduce', claims: summary },
    contents,
    made,
  );
  const unexplained = answers.filter(
    (each) => each.verdict === 'misses' && !ledger.some((known) => isKnown(known, each)),
  );
  if (json) print(`${JSON.stringify({ directory, claims: summary, files: paths }, null, 2)}\n`);
  else {
    const lines = statements.map((each) => `${each.name}: ${countsOf(answersTo(each, answers))}`);
    print(`${lines.join('\n')}\npage and figures in ${shownPath(directory)}\n`);
  }
  for (const { claim } of unexplained) {
    process.stderr.write(`${claim.id} misses, and the ledger has no reason\n`);
  }
  return unexplained.length > 0 ? exit_failed : 0;
}

/** Answers to claims of these names, to all without any. */
async function answersOf(
  names: readonly string[],
  jobs: number | undefined,
): Promise<SourceAnswers[] | undefined> {
  const { files, asks } = await chooseClaims([...new Set(names)]);
  const stop = interruption('stopping; once more to stop at once');
  const bar = progressBar('published numbers');
  try {
    const options = {
      jobs: (trials: Parameters<typeof usualJobs>[0]) => jobs ?? usualJobs(trials),
      signal: stop.signal,
      onProgress: bar.show,
    };
    return await validate(files, options, asks);
  } finally {
    bar.end();
    stop.end();
  }
}

/** `3 holds, 1 misses`. */
function countsOf(answers: readonly Answer[]): string {
  const counts = new Map<string, number>();
  for (const { verdict } of answers) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  return [...counts].map(([verdict, count]) => `${count} ${verdict}`).join(', ');
}
