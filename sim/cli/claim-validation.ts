/** Whether a folder may take a validation: it is new or empty, or holds one. */

import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { entriesOfOut } from '../files/make-directory.ts';
import { expected } from '../input/expected.ts';
import { InputError } from '../input/input-error.ts';

const own = /^validation\.(json|md|png|svg)$/;

export function claimValidation(directory: string): void {
  const entries = entriesOfOut(directory);
  if (entries.length === 0) return;
  if (entries.every((name) => own.test(name)) && isValidation(join(directory, 'validation.json'))) {
    return;
  }
  const foreign = entries.find((name) => !own.test(name)) ?? entries[0];
  const what = `the folder holds ${foreign}, and no validation alone`;
  throw new InputError(directory, what, expected('another folder with --out, or an empty one'));
}

/** What `validate --out` wrote, and wrote first. */
function isValidation(path: string): boolean {
  if (!lstatSync(path, { throwIfNoEntry: false })?.isFile()) return false;
  try {
    const { sources, counts } = JSON.parse(readFileSync(path, 'utf8'));
    return Array.isArray(sources) && typeof counts === 'object';
  } catch {
    return false;
  }
}
