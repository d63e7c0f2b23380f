/**
 * Whether a folder may take a run's results: it is empty or new, or a run wrote it. Nothing in it that no run
 * wrote is replaced, and nothing leads out of it.
 */

import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { entriesOfOut } from '../files/make-directory.ts';
import { storageFailure } from '../files/storage-failure.ts';
import { expected } from '../input/expected.ts';
import { InputError } from '../input/input-error.ts';
import { filesMade } from './seal.ts';

const another = expected('another folder with --out');
const files = [
  'manifest.json',
  'bands.csv',
  'measurements.csv',
  'report.html',
  'report.md',
  'series.csv',
  'summary.csv',
] as const;
const folders = ['figures', 'logs', 'policies', 'recordings'] as const;

/** What a run that was stopped early may leave, or be given, before it has a journal. */
const before_journal = /^(journal\.jsonl|lock(\..*)?|logs|recordings)$/;

/** Makes the folder if there is none; throws in one line if it may not take results. */
export function claimDirectory(directory: string): void {
  const entries = entriesOfOut(directory);
  for (const name of [...files, ...folders, 'journal.jsonl']) checkKind(join(directory, name));
  if (!hasJournal(directory)) {
    const foreign = entries.find((name) => !before_journal.test(name));
    if (foreign === undefined) return;
    const what = `the folder holds ${foreign}, and no journal of a run, whose results it could take`;
    throw new InputError(directory, what, `${another}, or an empty one`);
  }
  const made = filesMade(directory);
  // Earlier versions named no files in their manifests.
  if (made === undefined && existsSync(join(directory, 'manifest.json'))) return;
  for (const name of files.slice(1)) refuseForeign(directory, name, made ?? {});
}

/** Refuses to replace a file that is there and that no run of the folder wrote. */
export function refuseForeign(
  directory: string,
  name: string,
  made: Readonly<Record<string, string>>,
): void {
  if (Object.hasOwn(made, name) || !existsSync(join(directory, name))) return;
  const what = 'no run wrote this file, and this one would replace it';
  throw new InputError(join(directory, name), what, `${another}, or move it away`);
}

/** A link would lead elsewhere, and a folder or file of the other kind could not be written. */
function checkKind(path: string): void {
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (status === undefined) return;
  const wants_folder = folders.some((name) => path.endsWith(`/${name}`));
  if (wants_folder ? status.isDirectory() : status.isFile()) return;
  const kind = status.isSymbolicLink() ? 'a symbolic link' : wants_folder ? 'no folder' : 'no file';
  const right = wants_folder ? 'folder' : 'regular file';
  throw new InputError(path, `this is ${kind}`, `expected a ${right}, or another --out`);
}

/** A journal with a whole line at least; whether it is this experiment's is seen when it is opened. */
function hasJournal(directory: string): boolean {
  const path = join(directory, 'journal.jsonl');
  try {
    return existsSync(path) && readFileSync(path).includes(0x0a);
  } catch (error) {
    throw storageFailure(path, error, 'choose another directory with --out');
  }
}
