/** `cxlsim run`: trials, their results on disk, and the report. */

import { findBaseline } from '../../experiment/baseline.ts';
import { loadExperiment } from '../../experiment/load.ts';
import type { Overrides } from '../../experiment/overrides.ts';
import { shownPath } from '../../files/read-text.ts';
import { expected } from '../../input/expected.ts';
import { baseline as default_baseline } from '../../mechanisms/registry.ts';
import type { RunResult } from '../../results/run-trials.ts';
import { writtenAnew } from '../../results/seal.ts';
import { output, answer as print, reserveOutput } from '../answer.ts';
import { checkFigures } from '../check-figures.ts';
import { defineCommand, once, single, wholeNumber } from '../command.ts';
import { exit_failed, exit_interrupted } from '../exit-codes.ts';
import { findExperiment, resultsFolder } from '../find-experiment.ts';
import { measureExperiment } from '../measure-experiment.ts';
import { experiment_file, overrides, overridesOf } from '../override-options.ts';

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
  const say = (text: string) => process.stderr.write(`${text}\n`);
  const measured = await measureExperiment(loaded, directory, { jobs, fresh });
  if (measured === undefined) {
    say('interrupted while recording: nothing is measured yet; the same command continues');
    return exit_interrupted;
  }
  const { experiment, result, edited } = measured;

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
  return conclude(result, directory, !json && answer.text !== '');
}

/** `is_told` says whether the report has told already why trials were skipped or failed. */
function conclude(result: RunResult, directory: string, is_told: boolean): number {
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
  const why = is_told && first !== undefined ? '' : `: ${first?.reason ?? 'there are none'}`;
  say(`nothing was measured: all ${trials(result.total)} skipped${why}`);
  return exit_failed;
}

function trials(count: number): string {
  return count === 1 ? '1 trial' : `${count} trials`;
}
