/** What replaces an experiment's own lists and settings; `run` and `check` take the same. */

import type { InferredOptionTypes } from 'yargs';
import type { Overrides } from '../../experiment/overrides.ts';
import { type OptionSet, often, once, single } from '../command.ts';

export const overrides = {
  set: { ...often, describe: 'setting as path=value, e.g. fabric.cxl.latency_ns=200' },
  policy: { ...often, describe: 'policy by name or file, e.g. ./mine.ts' },
  mechanism: { ...often, describe: 'mechanism by name' },
  workload: { ...often, describe: 'workload by name or YAML file' },
  backend: { ...often, describe: 'backend by name' },
  seed: { ...once, describe: 'seed of everything random' },
  repetitions: { ...once, describe: 'trials of each point, each with another seed' },
} as const satisfies OptionSet;

export function overridesOf(typed: InferredOptionTypes<typeof overrides>): Overrides {
  const list = (value: string | string[]) => [value].flat();
  return {
    ...(typed.set && { set: list(typed.set) }),
    ...(typed.backend && { backends: list(typed.backend) }),
    ...(typed.mechanism && { mechanisms: list(typed.mechanism) }),
    ...(typed.policy && { policies: list(typed.policy) }),
    ...(typed.workload && { workloads: list(typed.workload) }),
    ...(typed.seed !== undefined && { seed: single('seed', typed.seed)! }),
    ...(typed.repetitions !== undefined && {
      repetitions: single('repetitions', typed.repetitions)!,
    }),
  };
}

export const experiment_file = {
  type: 'string',
  demandOption: true,
  describe: 'experiment file (YAML)',
} as const;
