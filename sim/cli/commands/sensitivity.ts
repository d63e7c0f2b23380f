/** `cxlsim sensitivity`: which parameters an experiment's result depends on. */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { runsModel } from '../../backends/registry.ts';
import type { Experiment } from '../../experiment/experiment.ts';
import { loadExperiment } from '../../experiment/load.ts';
import type { Overrides } from '../../experiment/overrides.ts';
import { writeAtomically } from '../../files/write-atomically.ts';
import { expected } from '../../input/expected.ts';
import { InputError } from '../../input/input-error.ts';
import { proposal } from '../../input/nearest.ts';
import { type MetricName, metricNames } from '../../metrics.ts';
import type { Parameters } from '../../parameters.ts';
import { loadPolicy, modelParameters } from '../../plugins.ts';
import { circumstances } from '../../report/circumstances.ts';
import { markdownTable } from '../../report/markdown-table.ts';
import { sensitivityNotes, sensitivityTable } from '../../report/sensitivity-table.ts';
import { terminalTable, terminalWidth } from '../../report/terminal-table.ts';
import { runInMemory } from '../../results/run-in-memory.ts';
import { type PlannedRow, planOf, trialsOf } from '../../sensitivity/plan.ts';
import { type RowSensitivity, sensitivityOf } from '../../sensitivity/sensitivity.ts';
import { output, answer as print, reserveOutput } from '../answer.ts';
import { claimFor } from '../claim-answer.ts';
import { defineCommand, once, single, wholeNumber } from '../command.ts';
import { exit_interrupted } from '../exit-codes.ts';
import { findExperiment } from '../find-experiment.ts';
import { interruption } from '../interruption.ts';
import { experiment_file, overrides, overridesOf } from '../override-options.ts';
import { progressBar } from '../progress.ts';
import { usualJobs } from '../usual-jobs.ts';

const usual = { metric: 'end_to_end_ms', percent: 10, trajectories: 4 } as const;

export const sensitivity = defineCommand({
  usage: 'sensitivity <file>',
  describe: 'tell which parameters matter, each alone and all together',
  options: {
    file: experiment_file,
    ...overrides,
    metric: { ...once, describe: `what is looked at, of cxlsim list metrics [${usual.metric}]` },
    percent: {
      ...once,
      describe: `how far a number is moved to either side, of itself [${usual.percent}]`,
    },
    trajectories: {
      ...once,
      describe: `trajectories of the global index; 0: each parameter alone [${usual.trajectories}]`,
    },
    jobs: { ...once, describe: 'trials that run at the same time [1; more if they are large]' },
    out: { ...once, describe: 'folder for the picture and the table [none is written]' },
    json: { type: 'boolean', describe: 'print one JSON object, nothing else' },
  },
  complaint: {
    missing: 'no experiment file; expected cxlsim sensitivity FILE',
    excess: expected('one FILE'),
  },
  examples: [
    ['$0 sensitivity bert --mechanism cxlfork --policy hybrid', 'one row of an experiment'],
    ['$0 sensitivity bert --metric warm_ms --out results/warm', 'another number, and a picture'],
  ],
  epilogue:
    'How many trials it takes is said before they run. What ranges names is moved over its range, also of a\n' +
    'function; one repetition, the same random numbers throughout.\n' +
    'Exit codes: 0 done, 1 a trial failed, 2 bad input or usage, 130 interrupted.',
  command(typed) {
    const options: SensitivityOptions = {
      file: typed.file,
      overrides: overridesOf(typed),
      metric: metricOf(single('metric', typed.metric) ?? usual.metric),
      percent: wholeNumber('percent', typed.percent, { least: 1, most: 100 }) ?? usual.percent,
      trajectories:
        wholeNumber('trajectories', typed.trajectories, { least: 0, most: 1000 }) ??
        usual.trajectories,
      jobs: wholeNumber('jobs', typed.jobs, { least: 1, most: 1024 }),
      out: single('out', typed.out),
      json: typed.json === true,
    };
    return () => analyse(options);
  },
});

interface SensitivityOptions {
  readonly file: string;
  readonly overrides: Overrides;
  readonly metric: MetricName;
  readonly percent: number;
  readonly trajectories: number;
  readonly jobs: number | undefined;
  readonly out: string | undefined;
  readonly json: boolean;
}

function metricOf(word: string): MetricName {
  const found = metricNames.find((name) => name === word);
  if (found !== undefined) return found;
  const what = `no metric is named ${word}`;
  throw new InputError('--metric', what, proposal(word, metricNames));
}

async function analyse(options: SensitivityOptions): Promise<number> {
  reserveOutput();
  const { metric, percent, trajectories, out, json } = options;
  const experiment = await loadExperiment(findExperiment(options.file), options.overrides);
  checkOnePoint(experiment, options.file);
  if (out !== undefined) claimFor(out, 'sensitivity', ['cost', 'rows']);
  const plan = planOf(experiment, await parametersOf(experiment), {
    share: percent / 100,
    trajectories,
  });
  const cost = costOf(plan);
  process.stderr.write(`${costWords(cost, trajectories)}\n`);
  const outcomes = await run(plan, options, experiment.name);
  if (outcomes === undefined) return exit_interrupted;
  const rows = plan.map((row) => sensitivityOf(row, outcomes, metric));
  const { name, question, seed } = experiment;
  const object = {
    ...{ experiment: name, question, metric, percent, trajectories, seed, cost, rows },
  };
  const about = aboutOf(experiment, options);
  const table = sensitivityTable(rows, metric);
  const notes = [...sensitivityNotes(rows), ...(trajectories > 0 ? [index_words] : [])];
  const figures = out === undefined ? [] : await store(out, object, { rows, table, notes, about });
  if (json) print(`${JSON.stringify({ ...object, figures }, null, 2)}\n`);
  else {
    const { text, dropped } = terminalTable(table, terminalWidth(output));
    const more = dropped.length > 0 ? [`No room here for: ${dropped.join(', ')}.`] : [];
    const where = out === undefined ? [] : [`results in ${out}`];
    print(`${[about, text, [...notes, ...more, ...where].join('\n')].join('\n\n')}\n`);
  }
  return 0;
}

const index_words =
  'Index: share of the mean sizes of elementary effects (Morris), over all parameters of the row; ' +
  'a deviation near the mean effect tells of interactions or of a bend.';

/** Points of a sweep are other experiments; on kernels there are no parameters to move. */
function checkOnePoint({ sweep, backends }: Experiment, file: string): void {
  const swept = sweep.find(({ values }) => values.length > 1);
  if (swept !== undefined) {
    const what = `${swept.path} is swept`;
    throw new InputError(file, what, expected(`one point: --set ${swept.path}=VALUE`));
  }
  const other = backends.find((backend) => !runsModel(backend));
  if (other === undefined) return;
  const what = `backend ${other} has no parameters to move`;
  throw new InputError(file, what, expected('--backend simulated'));
}

/** All that can be set here: of the model, and of the policies. */
async function parametersOf({ policies }: Experiment): Promise<Map<string, Parameters>> {
  const parameters = new Map(modelParameters);
  for (const policy of policies) {
    parameters.set(policy.name, (await loadPolicy(policy)).parameters ?? {});
  }
  return parameters;
}

async function run(plan: readonly PlannedRow[], { jobs }: SensitivityOptions, name: string) {
  const stop = interruption('stopping; once more to stop at once');
  const bar = progressBar(name);
  try {
    return await runInMemory(trialsOf(plan), {
      jobs: (trials) => jobs ?? usualJobs(trials),
      signal: stop.signal,
      onProgress: bar.show,
    });
  } finally {
    bar.end();
    stop.end();
  }
}

interface Cost {
  readonly trials: number;
  readonly one_at_a_time: number;
  readonly in_trajectories: number;
  /** Parameters of all rows, each counted once. */
  readonly parameters: number;
  readonly rows: number;
}

function costOf(plan: readonly PlannedRow[]): Cost {
  const paths = new Set(plan.flatMap(({ movables }) => movables.map(({ path }) => path)));
  const one_at_a_time = plan.reduce((sum, { movables }) => sum + 1 + 2 * movables.length, 0);
  const trials = trialsOf(plan).length;
  const in_trajectories = trials - one_at_a_time;
  return { trials, one_at_a_time, in_trajectories, parameters: paths.size, rows: plan.length };
}

function costWords(cost: Cost, trajectories: number): string {
  const { trials, one_at_a_time, in_trajectories, parameters, rows } = cost;
  return (
    `${trials} trials: ${one_at_a_time} that move each of ${parameters} parameters alone, ${in_trajectories} in ` +
    `${trajectories} trajectories, over ${rows === 1 ? '1 row' : `${rows} rows`}`
  );
}

function aboutOf(experiment: Experiment, { metric, percent }: SensitivityOptions): string {
  const { ranges } = experiment;
  const drawn = ranges.length > 0 ? ', what ranges names over its range' : '';
  return (
    `${circumstances({ ...experiment, repetitions: 1, ranges: [] })}\n` +
    `${metric}; each number moved by ${percent} % of itself to either side, within its bounds${drawn}`
  );
}

/** Returns the paths of the pictures. */
async function store(
  directory: string,
  object: { readonly metric: MetricName },
  parts: {
    rows: readonly RowSensitivity[];
    table: ReturnType<typeof sensitivityTable>;
    notes: readonly string[];
    about: string;
  },
): Promise<string[]> {
  const { rows, table, notes, about } = parts;
  const to = (name: string) => join(directory, name);
  writeAtomically(to('sensitivity.json'), `${JSON.stringify(object, null, 2)}\n`);
  const { sensitivityFigure } = await import('../../report/sensitivity-figure.ts');
  const figure = await sensitivityFigure(rows, object.metric, about);
  const paths = [to('sensitivity.svg'), to('sensitivity.png')];
  // An earlier picture must not stand beside other numbers.
  for (const path of paths) rmSync(path, { force: true });
  if (figure !== undefined) {
    writeAtomically(paths[0]!, figure.svg);
    writeAtomically(paths[1]!, figure.png);
  }
  const picture = figure === undefined ? [] : ['![Which parameters matter](sensitivity.svg)\n'];
  const list = notes.map((note) => `- ${note}`).join('\n');
  const texts = ['# Sensitivity\n', `${about}\n`, ...picture, markdownTable(table), `${list}\n`];
  writeAtomically(to('sensitivity.md'), texts.join('\n'));
  return figure === undefined ? [] : paths;
}
