/** Runs the trials that claims need, and keeps what they measured in memory. */

import { expand } from '../experiment/expand.ts';
import type { Experiment } from '../experiment/experiment.ts';
import { type MemoryOptions, runInMemory } from '../results/run-in-memory.ts';
import { type MeasuredExperiment, measuredExperiment } from './measured.ts';

/** `undefined` if it was interrupted. */
export async function measure(
  experiments: readonly Experiment[],
  options: MemoryOptions,
): Promise<Map<Experiment, MeasuredExperiment> | undefined> {
  const queues = experiments.map((experiment) => ({ experiment, trials: expand(experiment) }));
  const trials = queues.flatMap((each) => each.trials);
  const outcomes = await runInMemory(trials, options);
  if (outcomes === undefined) return undefined;
  return new Map(
    queues.map(({ experiment, trials: own }) => [
      experiment,
      measuredExperiment(
        own,
        own.map((trial) => outcomes.get(trial)!),
      ),
    ]),
  );
}
