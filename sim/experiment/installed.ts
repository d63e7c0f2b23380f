/** What this installation has: plug-ins found as files in their folders, and those in registries. */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { backends, backendsWhich } from '../backends/registry.ts';
import { mechanisms } from '../mechanisms/registry.ts';

/** The folder that holds `policies/`, `traces/` and `experiments/`. */
export const project_root = fileURLToPath(new URL('../..', import.meta.url));

/** Paths of the files in a folder of the project, by name without `ending` behind `prefix`, in the order of names. */
function filesIn(folder: string, ending: string, prefix = ''): ReadonlyMap<string, string> {
  const directory = join(project_root, folder);
  return new Map(
    readdirSync(directory)
      .filter((file) => file.endsWith(ending))
      .sort()
      .map((file) => [`${prefix}${file.slice(0, -ending.length)}`, join(directory, file)]),
  );
}

export const installed = {
  backends: Object.keys(backends),
  mechanisms: Object.keys(mechanisms),
  arrivals: filesIn('traces/arrivals', '.yaml'),
  start_times: filesIn('traces/start-times', '.yaml'),
  fabrics: filesIn('traces/fabrics', '.yaml'),
  policies: filesIn('policies', '.ts'),
  keep_alive: filesIn('policies/keep-alive', '.ts'),
  routing: filesIn('policies/routing', '.ts'),
  // One function may be here in several ways: only its profile goes by its bare name.
  workloads: new Map([
    ...filesIn('traces/profiles', '.yaml'),
    ...filesIn('traces/recorded', '.yaml', 'recorded-'),
    ...filesIn('traces/live', '.yaml', 'live-'),
  ]),
  experiments: filesIn('experiments', '.yaml'),
  figures: filesIn('experiments/figures', '.vl.json'),
} as const;

/** Backends for tests of the program: they can be named, and are not offered. */
export const of_tests: readonly string[] = backendsWhich(({ for_tests }) => for_tests);

/** The same as lists of names, as editors and messages offer them. */
export const offered = {
  ...installed,
  backends: installed.backends.filter((name) => !of_tests.includes(name)),
  presets: [...installed.fabrics.keys()],
  policies: [...installed.policies.keys()],
  keep_alive: [...installed.keep_alive.keys()],
  routing: [...installed.routing.keys()],
  workloads: [...installed.workloads.keys()],
  experiments: [...installed.experiments.keys()],
  figures: [...installed.figures.keys()],
};
