/**
 * The text of each policy that trials run under, with the files that it imports: what ran is kept beside what it
 * measured, and told from what an edited file would do.
 *
 *     results/bert/policies/mine/mine.ts
 *                           mine/lib/limit.ts
 */

import { lstatSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { type PolicyReference, policiesOf, type Trial } from '../backend.ts';
import { makeDirectory } from '../files/make-directory.ts';
import { moduleGraph } from '../files/module-graph.ts';
import { storageFailure } from '../files/storage-failure.ts';
import { writeAtomically } from '../files/write-atomically.ts';
import { InputError } from '../input/input-error.ts';
import { canonicalJson } from './canonical-json.ts';
import { refuseForeign } from './claim-directory.ts';
import { type FileSums, removeUnchanged, sumOf } from './seal.ts';

export const folder = 'policies';

export interface PolicyText {
  readonly name: string;
  /** Of its files, wherever they lie. */
  readonly sha256: string;
  /** Contents by path below the folder that all its files lie in; its own first. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

export function readPolicyText({ name, path }: PolicyReference): PolicyText {
  const paths = moduleGraph(path);
  const top = commonFolder(paths);
  const files = new Map(paths.map((each) => [relative(top, each), readFileSync(each)]));
  const own = dirname(path);
  const sums = paths.map((each, index) => [
    index === 0 || relative(own, each),
    sumOf(files.get(relative(top, each))!),
  ]);
  return { name, sha256: sumOf(canonicalJson(sums)), files };
}

function commonFolder(paths: readonly string[]): string {
  let folder = dirname(paths[0]!);
  while (!paths.every((path) => path.startsWith(folder === sep ? sep : folder + sep))) {
    folder = dirname(folder);
  }
  return folder;
}

/** Each policy of trials, once. */
export function policyTextsOf(trials: readonly Trial[]): PolicyText[] {
  const references = new Map(
    trials.flatMap((trial) => policiesOf(trial).map((policy) => [policy.name, policy] as const)),
  );
  return [...references.values()].map(readPolicyText);
}

/** Those whose files say something else by now, or are gone. */
export function editedSince(trials: readonly Trial[], texts: readonly PolicyText[]): string[] {
  let now: PolicyText[] = [];
  try {
    now = policyTextsOf(trials);
  } catch {
    return texts.map(({ name }) => name);
  }
  return texts
    .filter(({ name, sha256 }) => now.find((text) => text.name === name)?.sha256 !== sha256)
    .map(({ name }) => name);
}

/** The files as they go below the folder of results, with their contents. */
export function filesOfPolicies(texts: readonly PolicyText[]): Map<string, Uint8Array> {
  return new Map(
    texts.flatMap(({ name, files }) =>
      [...files].map(([path, content]) => [join(folder, name, path), content] as const),
    ),
  );
}

/** Refuses to replace what no run wrote, and to follow what leads out of the folder of results. */
export function checkPolicyFiles(
  directory: string,
  names: Iterable<string>,
  made: FileSums | undefined,
): void {
  for (const name of names) {
    const parts = name.split(sep);
    for (let depth = 1; depth < parts.length; depth += 1) {
      const path = join(directory, ...parts.slice(0, depth));
      const status = lstatSync(path, { throwIfNoEntry: false });
      if (status === undefined || status.isDirectory()) continue;
      const what = status.isSymbolicLink() ? 'this is a symbolic link' : 'this is no folder';
      throw new InputError(path, what, 'expected a folder, or another --out');
    }
    if (made !== undefined) refuseForeign(directory, name, made);
  }
}

/** Files of the policy that say something else than those that a run had stored, below the policy's folder. */
export function changedFiles({ name, files }: PolicyText, made: FileSums): string[] {
  return [...files].flatMap(([path, content]) =>
    made[join(folder, name, path)] === sumOf(content) ? [] : [path],
  );
}

/** Checksums of the results' other files. */
export function withoutPolicies(made: FileSums): FileSums {
  return Object.fromEntries(Object.entries(made).filter(([name]) => !isOfPolicy(name)));
}

export function isOfPolicy(name: string): boolean {
  return name.startsWith(folder + sep);
}

/** Writes the files, and removes those of earlier texts unless somebody has changed them. */
export function replacePolicyFiles(
  directory: string,
  files: ReadonlyMap<string, Uint8Array>,
  made: FileSums,
): void {
  for (const [name, sum] of Object.entries(made)) {
    if (isOfPolicy(name) && !files.has(name)) removeUnchanged(join(directory, name), sum);
  }
  for (const [name, content] of files) {
    const path = join(directory, name);
    try {
      makeDirectory(dirname(path));
    } catch (error) {
      throw storageFailure(path, error, 'make room or choose another directory with --out');
    }
    writeAtomically(path, content);
  }
}
