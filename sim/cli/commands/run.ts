import { defineCommand, once, single, wholeNumber } from '../command.ts';
import type { RunOptions } from '../run.ts';
import { experiment_file, overrides, overridesOf } from './overrides.ts';

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
    baseline: { ...once, describe: 'MECHANISM or MECHANISM,POLICY to compare with [local-fork]' },
    fresh: {
      type: 'boolean',
      describe: 'run all trials again, and keep none of an earlier run; recordings stay',
    },
    json: { type: 'boolean', describe: 'print one JSON object, nothing else' },
  },
  complaint: {
    missing: 'no experiment file; cxlsim run FILE would be right',
    excess: 'one FILE would be right',
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
    return async () => (await import('../run.ts')).run(options);
  },
});
