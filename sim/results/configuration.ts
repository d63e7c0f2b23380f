/**
 * The hash of everything that decides what an experiment's trials measure: results of two runs may
 * be put together only if it is equal.
 *
 * It covers the trials (with their workloads, fabrics and settings), the text of the policy files and of
 * what they import from beside them, and the sources that the backends' results depend on: their modules with
 * all that these import, and the kernel module where one is run. So results of edited code are never mixed with
 * earlier ones. Policies' texts are also told apart from the rest: trials of others outlive an edited one. It does not cover where files lie, the number of jobs, how results are shown, or packages.
 */

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type DescribedInput,
  type PolicyReference,
  type ServiceSettings,
  type Trial,
  workloadsOf,
} from '../backend.ts';
import { definitionOf } from '../backends/registry.ts';
import type { Experiment } from '../experiment/experiment.ts';
import { moduleGraph } from '../files/module-graph.ts';
import type { Workload } from '../workload/workload.ts';
import { canonicalJson } from './canonical-json.ts';
import { readPolicyText } from './policy-texts.ts';
import { sumOf } from './seal.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

export function configurationHash(experiment: Experiment, trials: readonly Trial[]): string {
  return hashOf(experiment, trials, (reference) => readPolicyText(reference).sha256);
}

/** The same whatever policies' files say: results of those that were not edited since may be kept. */
export function hashBesidePolicies(experiment: Experiment, trials: readonly Trial[]): string {
  return hashOf(experiment, trials, ({ name }) => name);
}

function hashOf(
  experiment: Experiment,
  trials: readonly Trial[],
  textOf: (reference: PolicyReference) => string,
): string {
  // Trials share workloads and fabrics by reference; each is hashed once.
  const known = new Map<object, string>();
  const once = (value: object) => {
    const hash = known.get(value) ?? sumOf(canonicalJson(value));
    known.set(value, hash);
    return hash;
  };
  const policies = new Map<string, string>();
  const policy = (reference: PolicyReference) => {
    const hash = policies.get(reference.path) ?? textOf(reference);
    policies.set(reference.path, hash);
    return hash;
  };
  const head = canonicalJson({
    backends: experiment.backends.map((name) => [name, backendHash(name)]),
    // Named by the experiment though no trial uses it: the table would still speak of it.
    policies: [...experiment.policies, ...experiment.keep_alive, ...experiment.routing].map(
      (reference) => [reference.name, policy(reference)],
    ),
  });
  const hash = createHash('sha256').update(head);
  // One at a time: a million trials are more than one string can hold.
  for (const trial of trials) {
    const named = {
      ...trial,
      policy: trial.policy && [trial.policy.name, policy(trial.policy)],
      workload: once(trial.workload),
      fabric: once(trial.fabric),
      ...(trial.service && {
        service: {
          ...trial.service,
          functions: trial.service.functions.map(once),
          ...bareInputs(trial.service),
          keep_alive: [trial.service.keep_alive.name, policy(trial.service.keep_alive)],
          routing: [trial.service.routing.name, policy(trial.service.routing)],
        },
      }),
      parameters: once(trial.parameters),
    };
    hash.update(`\n${canonicalJson(named)}`);
  }
  return hash.digest('hex');
}

/** Files by what they hold, and not by where they lie. */
function bareInputs({ recorded, start_times }: ServiceSettings) {
  const bare = ({ files, ...rest }: DescribedInput) => ({
    ...rest,
    files: Object.fromEntries(Object.entries(files).map(([key, { sha256 }]) => [key, sha256])),
  });
  return {
    ...(recorded && { recorded: bare(recorded) }),
    ...(start_times && { start_times: bare(start_times) }),
  };
}

/** Trials as they are before any function of theirs was recorded. */
export function withoutRecordings(trials: readonly Trial[]): Trial[] {
  const bare = new Map<Workload, Workload>();
  const bareOf = (workload: Workload): Workload => {
    if (workload.kind !== 'live') return workload;
    const { recording: _, ...rest } = workload;
    if (!bare.has(workload)) bare.set(workload, rest);
    return bare.get(workload)!;
  };
  return trials.map((trial) => {
    if (workloadsOf(trial).every(({ kind }) => kind !== 'live')) return trial;
    const { workload, service } = trial;
    return {
      ...trial,
      workload: bareOf(workload),
      ...(service && { service: { ...service, functions: service.functions.map(bareOf) } }),
    };
  });
}

/** Hashes of the recordings that the trials replay, by workload. */
export function recordingsOf(trials: readonly Trial[]): Map<string, string> {
  const workloads = new Set(trials.flatMap(workloadsOf));
  return new Map(
    [...workloads].flatMap((each) =>
      each.kind === 'live' && each.recording !== undefined
        ? [[each.name, sumOf(canonicalJson(each.recording))] as const]
        : [],
    ),
  );
}

const hashes = new Map<string, string>();

/** Hash of the sources that a backend's results depend on; read once per process. */
export function backendHash(name: string): string {
  const known = hashes.get(name);
  if (known !== undefined) return known;
  const entry = join(root, `sim/backends/${name}.ts`);
  // Tests bring backends of their own.
  const modules = existsSync(entry) ? moduleGraph(entry) : [];
  const others = (definitionOf(name)?.sources ?? []).flatMap((path) =>
    filesBelow(join(root, path)),
  );
  const paths = [...new Set([...modules, ...others])].map((path) => relative(root, path)).sort();
  const hash = sumOf(canonicalJson(paths.map((path) => [path, fileHash(join(root, path))])));
  hashes.set(name, hash);
  return hash;
}

/** The file itself, or every file below the folder. */
function filesBelow(path: string): string[] {
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

export function fileHash(path: string): string {
  return sumOf(readFileSync(path));
}
