/** A program for tests that end or starve a process: runs trials into a directory, then says how it went. */

import { runTrials } from '../../sim/results/run-trials.ts';
import { experimentOf, trialsOf } from './experiment-of.ts';

const [directory, repetitions, settings] = process.argv.slice(2) as [string, string, string];
const experiment = experimentOf({ repetitions: Number(repetitions) });
try {
  const result = await runTrials({
    experiment,
    trials: trialsOf(experiment, JSON.parse(settings)),
    directory,
    jobs: 1,
    backends: new URL('./arithmetic-backend.ts', import.meta.url).href,
    onProgress: ({ finished }) => console.log(finished),
  });
  console.log(JSON.stringify(result));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 2;
}
