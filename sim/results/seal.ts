/**
 * Checksums of results: a manifest tells the SHA-256 of every file that a run wrote, and its own in its last
 * line. What was edited since is found out, and what no manifest names is not ours to replace or remove.
 */

import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** By path below the folder of the results. */
export type FileSums = Readonly<Record<string, string>>;

export function sumOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** The manifest's text, in which `files` stand in the order of names. */
export function sealed(manifest: object, files: FileSums): string {
  const { sha256: _, ...content } = { ...manifest, files: sorted(files), sha256: '' };
  return `${text({ ...content, sha256: sumOf(text(content)) })}\n`;
}

function sorted(files: FileSums): FileSums {
  return Object.fromEntries(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Indentation is the reader's, not the content's. */
function text(content: object): string {
  return JSON.stringify(content, null, 2);
}

/** Whether a manifest is as it was written; nothing where it tells no checksum. */
export function isSealed(content: object): boolean | undefined {
  const { sha256, ...rest } = content as { sha256?: unknown };
  return sha256 === undefined ? undefined : sha256 === sumOf(text(rest));
}

/** What the folder's manifest says that runs wrote there; nothing if it cannot be told. */
export function filesMade(directory: string): FileSums | undefined {
  return manifestIn(directory)?.files;
}

/** A manifest that names files; nothing if there is none, or one that cannot be read. */
function manifestIn(directory: string): { readonly files: FileSums } | undefined {
  try {
    const manifest = JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8'));
    return typeof manifest.files === 'object' && manifest.files !== null ? manifest : undefined;
  } catch {
    return undefined;
  }
}

/** Files of the folder that are not as runs wrote them, with the sums that they have now. */
export function editedFiles(directory: string): FileSums {
  const manifest = manifestIn(directory);
  if (manifest === undefined) return {};
  const { files } = manifest;
  const suspects = Object.keys(files);
  if (isSealed(manifest) === false) suspects.push('manifest.json');
  const edited = suspects.flatMap((name): [string, string][] => {
    const sum = sumIn(directory, name);
    return sum === undefined || sum === files[name] ? [] : [[name, sum]];
  });
  return sorted(Object.fromEntries(edited));
}

/** Those of `edited` that are there with other contents now, or no more. */
export function writtenAnew(directory: string, edited: FileSums): string[] {
  return Object.keys(edited).filter((name) => sumIn(directory, name) !== edited[name]);
}

function sumIn(directory: string, name: string): string | undefined {
  try {
    return sumOf(readFileSync(join(directory, name)));
  } catch {
    return undefined;
  }
}

/** Removes a file that a run wrote: what somebody has changed since is theirs. */
export function removeUnchanged(path: string, sum: string): void {
  if (existsSync(path) && sumOf(readFileSync(path)) === sum) rmSync(path);
}
