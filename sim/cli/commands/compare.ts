import { defineCommand, listed, often, once, single } from '../command.ts';
import { UsageError } from '../usage-error.ts';

export const compare = defineCommand({
  usage: 'compare <a> [b]',
  describe: 'hold two sets of results against each other, metric by metric',
  options: {
    a: { type: 'string', demandOption: true, describe: 'folder of results' },
    b: { type: 'string', describe: 'second folder; without it, two backends of the first' },
    backend: { ...often, describe: 'backend of A, then of B, or of both' },
    metric: { ...often, describe: 'metric to compare [all]' },
    out: { ...once, describe: 'folder for the picture and the tables [none is written]' },
    all: { type: 'boolean', describe: 'a line for every metric, also for equal ones' },
    'fail-on-difference': { type: 'boolean', describe: 'exit code 3 if something differs' },
    json: { type: 'boolean', describe: 'print one JSON object, nothing else' },
  },
  complaint: {
    missing: 'no folder of results; cxlsim compare A B would be right',
    excess: 'two folders would be right',
  },
  examples: [
    ['$0 compare results/before results/after', 'two runs, or two commits'],
    ['$0 compare results/agree --backend simulated,vm', 'the simulator against the kernel'],
  ],
  epilogue:
    'Intervals: of the median over pairs of repetitions where both sides are simulated with one\n' +
    'seed; else Hodges-Lehmann with the Mann-Whitney test. See docs/compare.md.\n' +
    'Exit codes: 0 compared, 2 bad input or usage, 3 different (with --fail-on-difference).',
  command(typed) {
    const backends = listed(typed.backend ?? []);
    if (backends.length > 2) {
      throw new UsageError(
        `compare: ${backends.length} backends; one for both sides or one for each would be right`,
      );
    }
    const options = {
      folders: [typed.a, ...(typed.b === undefined ? [] : [typed.b])],
      backends,
      metrics: listed(typed.metric ?? []),
      out: single('out', typed.out),
      all: typed.all === true,
      fail_on_difference: typed['fail-on-difference'] === true,
      json: typed.json === true,
    };
    return async () => (await import('../compare.ts')).compareRuns(options);
  },
});
