/** Runs an experiment's trials into a folder, with progress on the terminal, until they are done or it is interrupted. */

import { resolve } from 'node:path';
import { OpenBackends } from '../backends/open-backends.ts';
import { Recorder } from '../backends/recorder.ts';
import { expand } from '../experiment/expand.ts';
import type { Experiment } from '../experiment/experiment.ts';
import { fittedParameters } from '../plugins.ts';
import { claimDirectory } from '../results/claim-directory.ts';
import { withRecordings } from '../results/recordings.ts';
import { type RunResult, runTrials } from '../results/run-trials.ts';
import { editedFiles, type FileSums } from '../results/seal.ts';
import { interruption } from './interruption.ts';
import { progressBar } from './progress.ts';
import { usualJobs } from './usual-jobs.ts';

export interface Measured {
  /** As it was run, recordings among it. */
  readonly experiment: Experiment;
  readonly result: RunResult;
  /** Files of the folder that somebody had edited before. */
  readonly edited: FileSums;
}

/** Nothing where it was interrupted while it recorded functions, before the first trial. */
export async function measureExperiment(
  loaded: Experiment,
  directory: string,
  options: { readonly jobs: number | undefined; readonly fresh: boolean },
): Promise<Measured | undefined> {
  const { jobs, fresh } = options;
  const stop = interruption('stopping; once more to stop at once');
  try {
    claimDirectory(directory);
    const edited = editedFiles(directory);
    const opened = new OpenBackends({ directory: resolve(directory) });
    const recorded = await withRecordings(
      loaded,
      resolve(directory),
      new Recorder(loaded, opened),
      stop.signal,
      (text) => process.stderr.write(`${text}\n`),
    );
    const { experiment } = recorded;
    const bar = progressBar(experiment.name);
    try {
      if (recorded.interrupted) return undefined;
      const trials = expand(experiment);
      const result = await runTrials({
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
      return { experiment, result, edited };
    } finally {
      bar.end();
      await recorded.close();
    }
  } finally {
    stop.end();
  }
}
