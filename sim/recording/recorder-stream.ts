/** Reads what the recorder wrote of one process (traces/recorder/stream.c draws it), in pieces. */

import { closeSync, openSync, readSync } from 'node:fs';
import { expected } from '../input/expected.ts';
import { InputError } from '../input/input-error.ts';
import { type Counts, type Region, region_names } from '../workload/cxltrace/format.ts';

export type RecorderRecord =
  | {
      readonly kind: 'process';
      readonly pid: number;
      readonly parent: number;
      /** Whether its parent was within an invocation when it forked it. */
      readonly within: boolean;
      readonly program: string;
    }
  | {
      readonly kind: 'run';
      readonly gap: number;
      readonly number: number;
      /** Given when the page was not seen before. */
      readonly region: Region | undefined;
      readonly counts: Counts;
    }
  | { readonly kind: 'unmap'; readonly first: number; readonly pages: number }
  | { readonly kind: 'begin' | 'end'; readonly gap: number }
  | { readonly kind: 'exit'; readonly gap: number };

const format = 'cxltrace-recorder 2\n';
const forked_within = 2;
const piece_bytes = 1 << 20;

export function* readRecorderStream(path: string): Generator<RecorderRecord, void, void> {
  const file = openSync(path, 'r');
  try {
    const piece = Buffer.alloc(piece_bytes);
    let held = 0;
    let at = 0;
    let before = 0;
    const fail = (what: string): never => {
      throw new InputError({ file: path, byte: before + at }, what, expected('a whole recording'));
    };
    const byte = (): number => {
      if (at === held) {
        before += held;
        held = readSync(file, piece, 0, piece_bytes, null);
        at = 0;
        if (held === 0) return -1;
      }
      at += 1;
      return piece[at - 1]!;
    };
    const next = (): number => {
      let value = 0;
      for (let scale = 1; scale < 2 ** 56; scale *= 128) {
        const each = byte();
        if (each === -1) fail('is cut short');
        value += (each & 0x7f) * scale;
        if (each < 0x80) return value;
      }
      return fail('a number of more than 8 bytes');
    };
    for (const letter of format) {
      if (byte() !== letter.charCodeAt(0)) fail('was not written by this recorder');
    }
    for (;;) {
      const letter = byte();
      if (letter === -1) return;
      switch (String.fromCharCode(letter)) {
        case 'C': {
          const pid = next();
          const parent = next();
          const within = next() === forked_within;
          const name = Uint8Array.from({ length: next() }, byte);
          yield { kind: 'process', pid, parent, within, program: new TextDecoder().decode(name) };
          break;
        }
        case 'R': {
          const gap = next();
          const what = next();
          const number = next();
          const counts = [0, 0, 0, 0, 0, 0] as [number, number, number, number, number, number];
          for (let n = 0; n < 6; n += 1) if (what & (1 << n)) counts[n] = next();
          yield { kind: 'run', gap, number, region: region_names[(what >>> 6) - 1], counts };
          break;
        }
        case 'U':
          yield { kind: 'unmap', first: next(), pages: next() };
          break;
        case 'B':
          yield { kind: 'begin', gap: next() };
          break;
        case 'E':
          yield { kind: 'end', gap: next() };
          break;
        case 'Z':
          yield { kind: 'exit', gap: next() };
          break;
        default:
          fail(`no record begins with byte ${letter}`);
      }
    }
  } finally {
    closeSync(file);
  }
}
