/** The experiment of stored results, as far as their manifest holds it: all settings, policies by name. */

import type { Experiment } from '../../experiment/experiment.ts';
import { InputError } from '../../input/input-error.ts';
import { again } from '../../results/measurements-csv.ts';
import type { Results } from '../../results/read-results.ts';

const needed = [
  ...['name', 'question', 'scenario', 'backends', 'mechanisms', 'policies', 'workloads', 'figures'],
  ...['fabric', 'fabrics', 'parameters', 'sweep', 'ranges', 'children', 'invocations'],
  ...['repetitions', 'seed'],
] as const;

/** What the manifest keeps of an experiment: traces are checksums there, and figures names. */
export type StoredExperiment = Experiment & { readonly figures: readonly string[] };

export function storedExperiment({ directory, manifest }: Results): StoredExperiment {
  const { configuration } = manifest;
  const absent = needed.find((key) => !(key in configuration));
  if (absent === undefined) return configuration as never as StoredExperiment;
  throw new InputError(
    `${directory}/manifest.json`,
    `the configuration has no ${absent}: another version of cxlsim wrote it`,
    again,
  );
}
