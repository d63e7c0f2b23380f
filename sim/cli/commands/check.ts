/** `cxlsim check`: says that an experiment is sound, and how many trials it has. */

import { combinations, contestants } from '../../experiment/dimensions.ts';
import { expand, sweptPoints } from '../../experiment/expand.ts';
import { loadExperiment } from '../../experiment/load.ts';
import type { Overrides } from '../../experiment/overrides.ts';
import { expected } from '../../input/expected.ts';
import { answer as print, reserveOutput } from '../answer.ts';
import { checkFigures } from '../check-figures.ts';
import { defineCommand } from '../command.ts';
import { findExperiment } from '../find-experiment.ts';
import { experiment_file, overrides, overridesOf } from '../override-options.ts';

export const check = defineCommand({
  usage: 'check <file>',
  describe: 'check an experiment without running it, and count its trials',
  options: {
    file: experiment_file,
    ...overrides,
    json: { type: 'boolean', describe: 'print one JSON object, nothing else' },
  },
  complaint: {
    missing: 'no experiment file; expected cxlsim check FILE',
    excess: expected('one FILE'),
  },
  command(typed) {
    const options = {
      file: typed.file,
      overrides: overridesOf(typed),
      json: typed.json === true,
    };
    return () => checkExperiment(options);
  },
});

interface CheckOptions {
  readonly file: string;
  readonly overrides: Overrides;
  readonly json: boolean;
}

async function checkExperiment({ file, overrides, json }: CheckOptions): Promise<number> {
  reserveOutput();
  const experiment = await loadExperiment(findExperiment(file), overrides);
  await checkFigures(experiment.figures);
  const trials = expand(experiment).length;
  const counts = {
    mechanisms_with_policies: contestants(experiment).length,
    // Functions that are served together are one.
    workloads: combinations(experiment, 'function').length,
    swept_points: sweptPoints(experiment).length,
    repetitions: experiment.repetitions,
    backends: experiment.backends.length,
  };
  if (json) {
    const answer = { experiment: experiment.name, question: experiment.question, trials, counts };
    print(`${JSON.stringify(answer, null, 2)}\n`);
  } else {
    const factors = Object.entries(counts).map(
      ([of, count]) => `${count} ${counted(of.replaceAll('_', ' '), count)}`,
    );
    const total = `${trials} ${counted('trials', trials)}`;
    const repeated = Object.values(counts).reduce((product, count) => product * count) - trials;
    const less = repeated > 0 ? `, less ${repeated} over values that they do not read` : '';
    print(`${file}: ${total} = ${factors.join(' x ')}${less}\n`);
  }
  return 0;
}

/** One mechanism, two mechanisms. */
function counted(plural: string, count: number): string {
  return count === 1 ? plural.replace(/s\b/, '') : plural;
}
