/** Writes an experiment as a YAML file that loads to the same experiment. */

import { stringify } from 'yaml';
import type { Experiment } from './experiment.ts';

export function printExperiment({ file }: Pick<Experiment, 'file'>): string {
  return stringify(file, { lineWidth: 0 });
}
