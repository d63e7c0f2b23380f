/** Results of an experiment, which is run first as far as they are not there. */

import type { Experiment } from '../experiment/experiment.ts';
import { loadExperiment } from '../experiment/load.ts';
import { type Results, readResults } from '../results/read-results.ts';
import { exit_failed, exit_interrupted } from './exit-codes.ts';
import { findExperiment, resultsFolder } from './find-experiment.ts';
import { measureExperiment } from './measure-experiment.ts';

/** Results of a shipped experiment or of a file; the exit code where there are none. */
export async function resultsOf(
  name: string,
  options: { readonly jobs: number | undefined; readonly fresh: boolean },
): Promise<{ experiment: Experiment; stored: Results } | number> {
  const path = findExperiment(name);
  const loaded = await loadExperiment(path);
  const directory = resultsFolder(path, loaded.name);
  const measured = await measureExperiment(loaded, directory, options);
  if (measured === undefined || measured.result.interrupted) return exit_interrupted;
  const [failure] = measured.result.failures;
  if (failure !== undefined) {
    process.stderr.write(`${name}: a trial failed: ${failure.reason}\n`);
    return exit_failed;
  }
  return { experiment: measured.experiment, stored: readResults(directory) };
}
