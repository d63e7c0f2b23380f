/** `cxlsim check`: says that an experiment is sound, and how many trials it has. */

import { contestants, expand, sweptPoints } from '../experiment/expand.ts';
import { loadExperiment } from '../experiment/load.ts';
import type { Overrides } from '../experiment/overrides.ts';

export interface CheckOptions {
  readonly file: string;
  readonly overrides: Overrides;
  readonly json: boolean;
}

export async function check({ file, overrides, json }: CheckOptions): Promise<number> {
  const experiment = await loadExperiment(file, overrides);
  const trials = expand(experiment).length;
  const counts = {
    mechanisms_with_policies: contestants(experiment).length,
    workloads: experiment.workloads.length,
    swept_points: sweptPoints(experiment).length,
    repetitions: experiment.repetitions,
    backends: experiment.backends.length,
  };
  if (json) {
    const answer = { experiment: experiment.name, question: experiment.question, trials, counts };
    process.stdout.write(`${JSON.stringify(answer, null, 2)}\n`);
  } else {
    const factors = Object.entries(counts).map(
      ([of, count]) => `${count} ${of.replaceAll('_', ' ')}`,
    );
    process.stdout.write(`${file}: ${trials} trials = ${factors.join(' x ')}\n`);
  }
  return 0;
}
