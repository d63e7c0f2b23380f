/** What replaces an experiment's own lists and settings; `run` and `check` take the same. */

import type { InferredOptionTypes } from 'yargs';
import type { Overrides } from '../experiment/overrides.ts';
import { listed, type OptionSet, often, once, single } from './command.ts';

export const overrides = {
  set: { ...often, describe: 'setting as path=value, e.g. fabric.cxl.latency_ns=200' },
  policy: { ...often, describe: 'policies by name or file, e.g. hybrid,./mine.ts' },
  mechanism: { ...often, describe: 'mechanisms by name' },
  'keep-alive': { ...often, describe: 'keep-alive policies by name or file' },
  routing: { ...often, describe: 'routing policies by name or file' },
  workload: { ...often, describe: 'workloads by name or file' },
  backend: { ...often, describe: 'backends by name, e.g. simulated,vm' },
  seed: { ...once, describe: 'seed of everything random' },
  repetitions: { ...once, describe: 'trials of each point, each with another seed' },
} as const satisfies OptionSet;

export function overridesOf(typed: InferredOptionTypes<typeof overrides>): Overrides {
  return {
    ...(typed.set && { set: [typed.set].flat() }),
    ...(typed.backend && { backends: listed(typed.backend) }),
    ...(typed.mechanism && { mechanisms: listed(typed.mechanism) }),
    ...(typed.policy && { policies: listed(typed.policy) }),
    ...(typed['keep-alive'] && { keep_alive: listed(typed['keep-alive']) }),
    ...(typed.routing && { routing: listed(typed.routing) }),
    ...(typed.workload && { workloads: listed(typed.workload) }),
    ...(typed.seed !== undefined && { seed: single('seed', typed.seed)! }),
    ...(typed.repetitions !== undefined && {
      repetitions: single('repetitions', typed.repetitions)!,
    }),
  };
}

export const experiment_file = {
  type: 'string',
  demandOption: true,
  describe: 'experiment file (YAML), or the name of a shipped experiment',
} as const;
