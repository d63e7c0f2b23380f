/** The files of a report, written all or none, and named in the manifest. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { storageFailure } from '../files/storage-failure.ts';
import { writeTogether } from '../files/write-atomically.ts';
import { refuseForeign } from '../results/claim-directory.ts';
import type { Manifest } from '../results/manifest.ts';
import { isOfPolicy } from '../results/policy-texts.ts';
import { removeUnchanged, sealed, sumOf } from '../results/seal.ts';

/**
 * Writes the files, which the manifest names, all or none, and removes figures that an earlier report drew
 * and this one does not. Returns the paths of the figures.
 */
export function writeReport(
  directory: string,
  manifest: Manifest,
  contents: Readonly<Record<string, string | Uint8Array>>,
): string[] {
  const { files = {}, ...rest } = manifest;
  const names = Object.keys(contents);
  const drawn = names.filter((name) => name.startsWith('figures/'));
  if ('files' in manifest) for (const name of names) refuseForeign(directory, name, files);
  const old = Object.keys(files).filter(
    (name) =>
      !/^(measurements|series)\.csv$/.test(name) && !isOfPolicy(name) && !names.includes(name),
  );
  const kept = Object.entries(files).filter(([name]) => !old.includes(name));
  const sums = names.map((name): [string, string] => [name, sumOf(contents[name]!)]);
  if (drawn.length > 0) makeFolder(join(directory, 'figures'));
  writeTogether([
    [join(directory, 'manifest.json'), sealed(rest, Object.fromEntries([...kept, ...sums]))],
    ...names.map((name) => [join(directory, name), contents[name]!] as const),
  ]);
  for (const name of old) removeUnchanged(join(directory, name), files[name]!);
  return drawn.map((name) => join(directory, name));
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw storageFailure(path, error, 'make room or choose another directory with --out');
  }
}
