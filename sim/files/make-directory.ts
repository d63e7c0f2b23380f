/** Makes a directory and those above it that are missing. */

import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { storageFailure } from './storage-failure.ts';

/** Throws what the file system says; Node's own recursion never ends in places such as /proc. */
export function makeDirectory(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  const parent = dirname(path);
  if (parent !== path) makeDirectory(parent);
  mkdirSync(path);
}

/** What lies in the directory that `--out` names, which is made if it is not there; refused in one line. */
export function entriesOfOut(directory: string): string[] {
  try {
    makeDirectory(resolve(directory));
    return readdirSync(directory);
  } catch (error) {
    throw storageFailure(directory, error, 'choose another directory with --out');
  }
}
