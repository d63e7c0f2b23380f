/**
 * The hash of everything that decides what an experiment's trials measure: results of two runs may
 * be put together only if it is equal.
 *
 * It covers the trials (with their workloads, fabrics and settings), the text of the policy files,
 * and the text of the model itself, so that results of an edited model are never mixed with earlier
 * ones. It does not cover where files lie, the number of jobs, or how results are shown. A policy
 * file is hashed by itself: what it imports from outside `sim/` is not.
 */

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Trial } from '../backend.ts';
import type { Experiment } from '../experiment/experiment.ts';
import type { Workload } from '../workload/workload.ts';

/** Parts of `sim/` that show results and never make them. */
const not_model = new Set(['cli', 'report', 'results']);

export function configurationHash(experiment: Experiment, trials: readonly Trial[]): string {
  // Trials share workloads and fabrics by reference; each is hashed once.
  const known = new Map<object, string>();
  const once = (value: object) => {
    const hash = known.get(value) ?? hashOf(canonicalJson(value));
    known.set(value, hash);
    return hash;
  };
  const policies = new Map<string, string>();
  const policy = (path: string) => {
    const hash = policies.get(path) ?? fileHash(path);
    policies.set(path, hash);
    return hash;
  };
  const head = canonicalJson({
    model: modelHash(),
    // Named by the experiment though no trial uses it: the table would still speak of it.
    policies: experiment.policies.map(({ name, path }) => [name, policy(path)]),
  });
  const hash = createHash('sha256').update(head);
  // One at a time: a million trials are more than one string can hold.
  for (const trial of trials) {
    const named = {
      ...trial,
      policy: trial.policy && [trial.policy.name, policy(trial.policy.path)],
      workload: once(trial.workload),
      fabric: once(trial.fabric),
      parameters: once(trial.parameters),
    };
    hash.update(`\n${canonicalJson(named)}`);
  }
  return hash.digest('hex');
}

/** Trials as they are before any function of theirs was recorded. */
export function withoutRecordings(trials: readonly Trial[]): Trial[] {
  const bare = new Map<Workload, Workload>();
  return trials.map((trial) => {
    const { workload } = trial;
    if (workload.kind !== 'live') return trial;
    const { recording: _, ...rest } = workload;
    if (!bare.has(workload)) bare.set(workload, rest);
    return { ...trial, workload: bare.get(workload)! };
  });
}

/** Hashes of the recordings that the trials replay, by workload. */
export function recordingsOf(trials: readonly Trial[]): Map<string, string> {
  const workloads = new Set(trials.map(({ workload }) => workload));
  return new Map(
    [...workloads].flatMap((each) =>
      each.kind === 'live' && each.recording !== undefined
        ? [[each.name, hashOf(canonicalJson(each.recording))] as const]
        : [],
    ),
  );
}

/** JSON with sorted keys; typed arrays stand as the hash of their bytes, and undefined is left out. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (ArrayBuffer.isView(part)) {
      const bytes = new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
      return `${part.constructor.name}:${hashOf(bytes)}`;
    }
    if (typeof part === 'number' && !Number.isFinite(part)) return String(part);
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(
      Object.entries(part).sort(([a], [b]) => (a < b ? -1 : Number(a > b))),
    );
  });
}

let model: string | undefined;

/** Hash of the model's sources; read once per process. */
function modelHash(): string {
  model ??= hashOf(
    canonicalJson(
      sourceFiles(fileURLToPath(new URL('..', import.meta.url)), true).map(([name, path]) => [
        name,
        fileHash(path),
      ]),
    ),
  );
  return model;
}

/** Name below the folder, and path, of every source file, in the order of names. */
function sourceFiles(folder: string, top: boolean): [string, string][] {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry): [string, string][] => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (top && not_model.has(entry.name)) return [];
        return sourceFiles(path, false).map(([name, file]) => [`${entry.name}/${name}`, file]);
      }
      return /\.(ts|mjs|json)$/.test(entry.name) ? [[entry.name, path]] : [];
    });
}

export function fileHash(path: string): string {
  return hashOf(readFileSync(path));
}

function hashOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
