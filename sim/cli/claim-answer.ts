/** Whether a folder may take what a command wrote with --out: it is new or empty, or holds the same command's. */

import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { entriesOfOut } from '../files/make-directory.ts';
import { expected } from '../input/expected.ts';
import { InputError } from '../input/input-error.ts';

/** `word` is what the files are named after, `keys` what the JSON among them has, which is written first. */
export function claimFor(directory: string, word: string, keys: readonly string[]): void {
  const own = new RegExp(`^${word}\\.(json|md|png|svg)$`);
  const entries = entriesOfOut(directory);
  if (entries.length === 0) return;
  if (entries.every((name) => own.test(name)) && has(join(directory, `${word}.json`), keys)) return;
  const foreign = entries.find((name) => !own.test(name)) ?? entries[0];
  const what = `the folder holds ${foreign}, and no ${word} alone`;
  throw new InputError(directory, what, expected('another folder with --out, or an empty one'));
}

function has(path: string, keys: readonly string[]): boolean {
  if (!lstatSync(path, { throwIfNoEntry: false })?.isFile()) return false;
  try {
    const content = JSON.parse(readFileSync(path, 'utf8'));
    return keys.every((key) => typeof content[key] === 'object');
  } catch {
    return false;
  }
}
