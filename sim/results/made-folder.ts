/**
 * A folder that one command fills and fills again: an index names its files with their checksums. What the index does
 * not name, or what was changed since, is somebody's own, and is neither replaced nor removed.
 */

import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { entriesOfOut } from '../files/make-directory.ts';
import { writeTogether } from '../files/write-atomically.ts';
import { expected } from '../input/expected.ts';
import { InputError } from '../input/input-error.ts';
import { type FileSums, isSealed, removeUnchanged, sealed, sumOf } from './seal.ts';

const another = expected('another folder with --out, or an empty one');

/** Files that the command wrote into the folder before; refused in one line where it may not be filled. */
export function claimMade(directory: string, index: string): FileSums {
  const entries = entriesOfOut(directory);
  if (entries.length === 0) return {};
  const files = filesIn(join(directory, index));
  if (files === undefined) {
    const what = entries.includes(index)
      ? `${index} is not as it was written`
      : `the folder holds ${entries[0]}, and no ${index}`;
    throw new InputError(directory, what, another);
  }
  return files;
}

/** Refuses to replace what is not ours: a file that the index does not name, or that was changed since. */
export function refuseOwn(directory: string, names: readonly string[], made: FileSums): void {
  for (const name of names) {
    const path = join(directory, name);
    const status = lstatSync(path, { throwIfNoEntry: false });
    if (status === undefined) continue;
    const is_ours = status.isFile() && made[name] === sumOf(readFileSync(path));
    if (is_ours) continue;
    const what =
      name in made ? 'this file was changed since it was written' : 'this file is not ours';
    throw new InputError(path, `${what}, and would be replaced`, `${another}; or move it away`);
  }
}

/** The index comes first: a command that is stopped between two files must be able to go on. Returns paths. */
export function fillMade(
  directory: string,
  index: string,
  about: object,
  contents: Readonly<Record<string, string | Uint8Array>>,
  made: FileSums,
): string[] {
  const names = Object.keys(contents);
  refuseOwn(directory, names, made);
  const sums = Object.fromEntries(names.map((name) => [name, sumOf(contents[name]!)]));
  const files = names.map((name) => [join(directory, name), contents[name]!] as const);
  writeTogether([[join(directory, index), sealed(about, sums)], ...files]);
  for (const [name, sum] of Object.entries(made)) {
    if (!(name in contents)) removeUnchanged(join(directory, name), sum);
  }
  return files.map(([path]) => path);
}

function filesIn(path: string): FileSums | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const content = JSON.parse(readFileSync(path, 'utf8'));
    const { files } = content as { files?: unknown };
    const is_whole = isSealed(content) === true && typeof files === 'object' && files !== null;
    return is_whole ? (files as FileSums) : undefined;
  } catch {
    return undefined;
  }
}
