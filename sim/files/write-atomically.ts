/** Writes files so that a reader sees the old ones or the whole new ones, never a part. */

import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { storageFailure } from './storage-failure.ts';

type File = readonly [path: string, content: string | Uint8Array];

export function writeAtomically(path: string, content: string | Uint8Array): void {
  writeTogether([[path, content]]);
}

/**
 * All of them or none: each is there in full before the first takes its place, since a disk that has no room for the last
 * has none for the first either. They take their places in this order.
 */
export function writeTogether(files: readonly File[]): void {
  let at = '';
  try {
    for (const [path, content] of files) {
      at = path;
      writeWhole(partialOf(path), content);
    }
    for (const [path] of files) {
      at = path;
      renameSync(partialOf(path), path);
    }
  } catch (error) {
    for (const [path] of files) rmSync(partialOf(path), { force: true });
    throw storageFailure(at, error, 'make room or name another place, and run again');
  }
}

function partialOf(path: string): string {
  return `${path}.${process.pid}.partial`;
}

function writeWhole(path: string, content: string | Uint8Array): void {
  const file = openSync(path, 'w');
  try {
    writeFileSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
