/** Whether a folder may take a comparison: it is new or empty, or holds one, or results of a run. */

import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { entriesOfOut } from '../files/make-directory.ts';
import { expected } from '../input/expected.ts';
import { InputError } from '../input/input-error.ts';

const right = expected('another folder with --out, or an empty one');

export function claimComparison(directory: string): void {
  const entries = entriesOfOut(directory);
  if (entries.length === 0 || isComparison(join(directory, 'compare.json'))) return;
  const own = entries.find((name) => /^compare\.(json|md|png|svg)$/.test(name));
  if (own !== undefined) {
    const what = 'no comparison wrote this file, and this one would replace it';
    throw new InputError(join(directory, own), what, right);
  }
  if (existsSync(join(directory, 'journal.jsonl'))) return;
  const what = `the folder holds ${entries[0]}, and neither a comparison nor results of a run`;
  throw new InputError(directory, what, right);
}

/** What `compare --out` wrote, and wrote first. */
function isComparison(path: string): boolean {
  if (!lstatSync(path, { throwIfNoEntry: false })?.isFile()) return false;
  try {
    const { A, B, differences } = JSON.parse(readFileSync(path, 'utf8'));
    return typeof A === 'object' && typeof B === 'object' && Array.isArray(differences);
  } catch {
    return false;
  }
}
