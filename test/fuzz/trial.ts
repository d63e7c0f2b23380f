/** Runs one trial of an experiment that was accepted, and looks at its numbers. */

import type { Trial } from '../../sim/backend.ts';
import { expand } from '../../sim/experiment/expand.ts';
import type { Experiment } from '../../sim/experiment/experiment.ts';
import type { RandomStream } from '../../sim/random.ts';
import type { Workload } from '../../sim/workload/workload.ts';
import { simulated } from '../simulator.ts';
import { pick } from './draw.ts';
import { checkMeasurements } from './sound-numbers.ts';

/** Larger functions are only loaded: a trial takes a fraction of a second for each 100 MiB. */
const most_mb = 256;

/** What only running shows: the trial fails, and says which number would have to be larger. */
const told = /memory is full: all \d+ frames of 4096 bytes are in use; /;

/** A trial like the experiment's others, if there is one that the simulator does quickly. */
export async function runOne(experiment: Experiment, random: RandomStream): Promise<void> {
  const workloads = experiment.workloads.filter(isSmall);
  if (workloads.length === 0 || !experiment.backends.includes('simulated')) return;
  const trials = expand({
    ...experiment,
    backends: ['simulated'],
    workloads: [pick(random, workloads)],
    // Of a long sweep, its ends: each value is checked when it is loaded.
    sweep: experiment.sweep.map(({ path, values }) => ({
      path,
      values: [...new Set([values[0]!, values.at(-1)!])],
    })),
    repetitions: Math.min(experiment.repetitions, 2),
  });
  await runTrial(pick(random, trials));
}

/** Runs it if it is small, and looks at its numbers. */
export async function runTrial(trial: Trial, is_small = isSmall(trial.workload)): Promise<void> {
  if (!is_small) return;
  if ((await simulated.unsupported(trial)) !== undefined) return;
  try {
    checkMeasurements((await simulated.run(trial)).measurements);
  } catch (error) {
    if (!told.test(String(error))) throw error;
  }
}

function isSmall(workload: Workload): boolean {
  if (workload.kind === 'live' || workload.kind === 'llm') return false;
  return workload.kind === 'trace' || workload.footprint_mb + workload.touched_mb <= most_mb;
}
