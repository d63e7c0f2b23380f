/** `cxlsim run`: trials, their results on disk, and the report. */

import { resolve } from 'node:path';
import { OpenBackends } from '../../backends/open-backends.ts';
import { Recorder } from '../../backends/recorder.ts';
import { findBaseline } from '../../experiment/baseline.ts';
import { expand } from '../../experiment/expand.ts';
import type { Experiment } from '../../experiment/experiment.ts';
import { loadExperiment } from '../../experiment/load.ts';
import type { Overrides } from '../../experiment/overrides.ts';
import { shownPath } from '../../files/read-text.ts';
import { expected } from '../../input/expected.ts';
import { baseline as default_baseline } from '../../mechanisms/registry.ts';
import { fittedParameters } from '../../plugins.ts';
import { claimDirectory } from '../../results/claim-directory.ts';
import { withRecordings } from '../../results/recordings.ts';
import { type RunResult, runTrials } from '../../results/run-trials.ts';
import { editedFiles, type FileSums, writtenAnew } from '../../results/seal.ts';
import { output, answer as print, reserveOutput } from '../answer.ts';
import { checkFigures } from '../check-figures.ts';
import { defineCommand, once, single, wholeNumber } from '../command.ts';
import { exit_failed, exit_interrupted } from '../exit-codes.ts';
import { findExperiment, resultsFolder } from '../find-experiment.ts';
import { interruption } from '../interruption.ts';
import { experiment_file, overrides, overridesOf } from '../override-options.ts';
import { progressBar } from '../progress.ts';
import { usualJobs } from '../usual-jobs.ts';

export const run = defineCommand({
  usage: 'run <file>',
  describe: 'run an experiment: a table, measurements and figures',
  options: {
    file: experiment_file,
    ...overrides,
    out: {
      ...once,
      describe:
        'folder of the results [results/EXPERIMENT beside the file; of a shipped one, here]',
    },
    jobs: { ...once, describe: 'trials that run at the same time [1; more if they are large]' },
    baseline: {
      ...once,
      describe: `MECHANISM or MECHANISM,POLICY to compare with [${default_baseline.name}]`,
    },
    fresh: {
      type: 'boolean',
      describe: 'run all trials again, and keep none of an earlier run; recordings stay',
    },
    json: { type: 'boolean', describe: 'print one JSON object, nothing else' },
  },
  complaint: {
    missing: 'no experiment file; expected cxlsim run FILE',
    excess: expected('one FILE'),
  },
  examples: [
    ['$0 run bert', 'the comparison for BERT'],
    ['$0 run bert --policy ./mine.ts', 'under your own policy'],
  ],
  epilogue:
    'Options replace what the file says. Stopped runs continue where they were; where a policy was edited\n' +
    'since, only its trials run again.\n' +
    'Exit codes: 0 done, 1 a trial failed or all were skipped, 2 bad input or usage, 130 interrupted.',
  command(typed) {
    const options: RunOptions = {
      file: typed.file,
      overrides: overridesOf(typed),
      out: single('out', typed.out),
      baseline: single('baseline', typed.baseline),
      jobs: wholeNumber('jobs', typed.jobs, { least: 1, most: 1024 }),
      fresh: typed.fresh === true,
      json: typed.json === true,
    };
    return () => runExperiment(options);
  },
});

interface RunOptions {
  readonly file: string;
  readonly overrides: Overrides;
  readonly out: string | undefined;
  /** Trials at the same time, if that was said. */
  readonly jobs: number | undefined;
  readonly baseline: string | undefined;
  /** Nothing is kept of what an earlier run stored. */
  readonly fresh: boolean;
  readonly json: boolean;
}

async function runExperiment({
  file,
  overrides,
  out,
  jobs,
  baseline,
  fresh,
  json,
}: RunOptions): Promise<number> {
  reserveOutput();
  const path = findExperiment(file);
  const loaded = await loadExperiment(path, overrides);
  await checkFigures(loaded.figures);
  findBaseline(loaded, baseline);
  const directory = out ?? resultsFolder(path, loaded.name);
  const stop = interruption('stopping; once more to stop at once');
  const say = (text: string) => process.stderr.write(`${text}\n`);
  let experiment: Experiment;
  let result: RunResult;
  let edited: FileSums;
  try {
    claimDirectory(directory);
    edited = editedFiles(directory);
    const opened = new OpenBackends({ directory: resolve(directory) });
    const recorded = await withRecordings(
      loaded,
      resolve(directory),
      new Recorder(loaded, opened),
      stop.signal,
      say,
    );
    experiment = recorded.experiment;
    const bar = progressBar(experiment.name);
    try {
      if (recorded.interrupted) {
        say('interrupted while recording: nothing is measured yet; the same command continues');
        return exit_interrupted;
      }
      const trials = expand(experiment);
      result = await runTrials({
        experiment,
        trials,
        directory,
        opened,
        jobs: jobs ?? usualJobs(trials),
        signal: stop.signal,
        fresh,
        onProgress: bar.show,
        fitted: fittedParameters(experiment.mechanisms, experiment.parameters),
      });
    } finally {
      bar.end();
      await recorded.close();
    }
  } finally {
    stop.end();
  }

  const finished = !result.interrupted;
  const { report } = await import('../../report/report.ts');
  const { terminalWidth } = await import('../../report/terminal-table.ts');
  const width = terminalWidth(output);
  const answer = finished
    ? await report({ experiment, directory, baseline, width })
    : { text: '', figures: [] };
  for (const [policy, { trials: count, files }] of Object.entries(result.edited_policies)) {
    const which = files.length === 0 ? '' : ` (${files.join(', ')})`;
    say(
      `policy ${policy} was edited since the last run${which}: what ${trials(count)} of it had measured is ` +
        `not kept; ${trials(result.kept)} of others are`,
    );
  }
  const anew = writtenAnew(directory, edited);
  if (anew.length > 0) {
    say(
      `${shownPath(directory)}: not as a run had written them, and written anew: ${anew.join(', ')}`,
    );
  }
  if (json) {
    const { name, question } = experiment;
    const { text: _, ...rest } = answer;
    const object = { experiment: name, question, directory, trials: result, ...rest };
    print(`${JSON.stringify(object, null, 2)}\n`);
  } else if (answer.text !== '') {
    print(`${answer.text.trimEnd()}\n\nresults in ${shownPath(directory)}\n`);
  }
  return conclude(result, directory);
}

function conclude(result: RunResult, directory: string): number {
  const say = (text: string) => process.stderr.write(`${text}\n`);
  for (const policy of result.unsettled_policies) {
    say(`policy ${policy} was edited while it ran; the same command runs its trials again`);
  }
  for (const { reason, count } of result.failures) say(`failed in ${trials(count)}: ${reason}`);
  if (result.interrupted) {
    const { done, total } = result;
    say(
      `interrupted: ${done} of ${trials(total)} done and kept in ${shownPath(directory)}; ` +
        'the same command continues',
    );
    return exit_interrupted;
  }
  if (result.failed > 0 || result.unsettled_policies.length > 0) return exit_failed;
  if (result.done > 0) return 0;
  const [first] = result.skips;
  say(
    `nothing was measured: all ${trials(result.total)} skipped: ${first?.reason ?? 'there are none'}`,
  );
  return exit_failed;
}

function trials(count: number): string {
  return count === 1 ? '1 trial' : `${count} trials`;
}
