/** Opens what is to be imported: a file, as often as it is needed, or standard input once. */

import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { isatty } from 'node:tty';
import { expected } from '../../input/expected.ts';
import { InputError } from '../../input/input-error.ts';
import type { ReadBytes } from '../../input/text-lines.ts';
import type { TraceSource } from './importer.ts';

export const standard_input = '-';
const shown_input = 'standard input';
/** Enough of a file to guess its format by. */
const most_head_bytes = 1 << 14;

export interface OpenSource extends TraceSource {
  /** How the file begins. */
  readonly head: string;
  /** The same, not decoded. */
  readonly head_bytes: Uint8Array;
  close(): void;
}

export function openSource(path: string): OpenSource {
  return path === standard_input ? standardInput() : file(path);
}

function file(path: string): OpenSource {
  const descriptor = descriptorOf(path);
  const from = (position: number): ReadBytes => {
    let at = position;
    return (into) => {
      const got = readSync(descriptor, into, 0, into.length, at);
      at += got;
      return got;
    };
  };
  const piece = new Uint8Array(most_head_bytes);
  const head = piece.subarray(0, from(0)(piece));
  return {
    shown: path,
    head: decoded(head),
    head_bytes: head,
    open: () => from(0),
    close: () => closeSync(descriptor),
  };
}

function descriptorOf(path: string): number {
  const right = 'name a file to import, or - for standard input';
  try {
    // Looked at first: opening a pipe that nobody writes would wait for ever.
    if (statSync(path).isFile()) return openSync(path, 'r');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const what = code === 'ENOENT' ? `there is no file ${path}` : `cannot be read (${code})`;
    throw new InputError(path, what, right);
  }
  throw new InputError(path, 'is not a regular file', right);
}

function standardInput(): OpenSource {
  if (isatty(0)) {
    throw new InputError(shown_input, 'is a terminal', 'a file, or the output of another program');
  }
  const piece = new Uint8Array(most_head_bytes);
  let head = piece.subarray(0, readInput(piece));
  let opened = false;
  return {
    shown: shown_input,
    head: decoded(head),
    head_bytes: head,
    open() {
      if (opened) {
        throw new InputError(
          shown_input,
          'this format is read twice, and standard input comes once',
          expected('a file'),
        );
      }
      opened = true;
      return (into) => {
        if (head.length === 0) return readInput(into);
        const got = Math.min(head.length, into.length);
        into.set(head.subarray(0, got));
        head = head.subarray(got);
        return got;
      };
    },
    close() {},
  };
}

/** Standard input may be set not to wait, and then has nothing yet. */
function readInput(into: Uint8Array): number {
  for (;;) {
    try {
      return readSync(0, into, 0, into.length, null);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EOF') return 0;
      if (code !== 'EAGAIN')
        throw new InputError(shown_input, `cannot be read (${code})`, 'a file');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}

function decoded(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
