/** Reads a file the user named, and says in one line why one cannot be read. */

import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { relative } from 'node:path';
import { InputError } from '../input/input-error.ts';

const explanations: Readonly<Record<string, string>> = {
  EACCES: 'may not be read',
  EPERM: 'may not be read',
  ENOTDIR: 'lies below something that is not a directory',
  ELOOP: 'is a symbolic link that leads back to itself',
  ENAMETOOLONG: 'is longer than file names may be',
};

/** The bytes of a regular file of at most `most_bytes`. */
export function readBytes(path: string, options: ReadOptions): Uint8Array {
  return withFile(path, options, (file) => readFileSync(file));
}

/** What `use` makes of a regular file of at most `most_bytes`, which is open meanwhile. */
export function withFile<T>(
  path: string,
  { kind, most_bytes, origin, ...options }: ReadOptions,
  use: (file: number) => T,
): T {
  let file: number | undefined;
  // A shell variable that is not set leaves an empty word.
  const shown = (options.shown ?? path) || "''";
  const where = origin ?? shown;
  const subject = origin === undefined ? '' : `${shown} `;
  try {
    const status = statSync(path);
    if (status.isDirectory()) {
      throw new InputError(where, `${subject}is a directory`, `name ${kind}`);
    }
    if (!status.isFile()) {
      throw new InputError(where, `${subject}is not a regular file`, `name ${kind}`);
    }
    if (status.size > most_bytes) {
      const size_mb = (status.size / 2 ** 20).toFixed(1);
      throw new InputError(
        where,
        `${subject}is too large (${size_mb} MiB)`,
        `${kind} has at most ${most_bytes / 2 ** 20} MiB`,
      );
    }
    file = openSync(path, 'r');
    return use(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof InputError || code === undefined) throw error;
    if (code === 'ENOENT') {
      throw new InputError(where, `there is no file ${shown}`, `name ${kind}`);
    }
    const explanation = explanations[code] ?? `cannot be read (${code})`;
    throw new InputError(where, `${subject}${explanation}`, `name ${kind} that can be read`);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

export interface ReadOptions {
  /** What is looked for: `an experiment file`. */
  readonly kind: string;
  readonly most_bytes: number;
  /** The file as the user wrote it. */
  readonly shown?: string;
  /** Where the file was named, if not on the command line. */
  readonly origin?: string;
}

/** `path` as messages name it: relative to where the command was typed, if that lies above it. */
export function shownPath(path: string): string {
  const near = relative('.', path);
  if (near === '') return '.';
  return near.startsWith('..') ? path : near;
}

/** The text of a file as `readBytes` gives it; anything but UTF-8 is refused with its line. */
export function readText(path: string, options: ReadOptions): string {
  const bytes = readBytes(path, options);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new InputError(
      `${options.shown ?? path}:${firstForeignLine(bytes)}`,
      'the text is not UTF-8',
      `${options.kind} is a UTF-8 text`,
    );
  }
}

/** A line is decodable by itself: no UTF-8 sequence holds a line feed. */
function firstForeignLine(bytes: Uint8Array): number {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const end = bytes.indexOf(0x0a, start);
    const stop = end === -1 ? bytes.length : end + 1;
    try {
      decoder.decode(bytes.subarray(start, stop));
    } catch {
      return line;
    }
    start = stop;
  }
  return line;
}
