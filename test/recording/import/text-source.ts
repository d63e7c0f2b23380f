/** Texts as files to import, without files. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type ReadBytes, TextLines } from '../../../sim/input/text-lines.ts';
import type {
  Imported,
  ImportOptions,
  TraceSource,
} from '../../../sim/recording/import/importer.ts';
import { importers } from '../../../sim/recording/import/registry.ts';
import { singly } from '../../../sim/workload/cxltrace/event-columns.ts';
import type { TraceEvent } from '../../../sim/workload/cxltrace/format.ts';

/** At most so many bytes at a time, so that lines are cut anywhere. */
const piece_bytes = 700;

export function bytesOf(text: string | Uint8Array): ReadBytes {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  let at = 0;
  return (into) => {
    const piece = bytes.subarray(at, at + Math.min(piece_bytes, into.length));
    into.set(piece);
    at += piece.length;
    return piece.length;
  };
}

export function linesOf(text: string | Uint8Array, file = 'x'): TextLines {
  return new TextLines(bytesOf(text), file);
}

export function textSource(text: string | Uint8Array, shown = 'x'): TraceSource {
  return { shown, open: () => bytesOf(text) };
}

/** The text of a fixture, or of a file that ships. */
export function fixture(name: string): string {
  return readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');
}

export function shipped(path: string): string {
  return readFileSync(fileURLToPath(new URL(`../../../traces/${path}`, import.meta.url)), 'utf8');
}

export function imported(
  format: string,
  text: string | Uint8Array,
  options: ImportOptions = {},
): Imported & { readonly all: readonly TraceEvent[] } {
  const result = importers[format]!.import(textSource(text), options);
  return { ...result, all: [...singly(result.events)] };
}

/** The import is refused with a message that begins so. */
export function refused(format: string, text: string, message: string, options = {}): void {
  assert.throws(
    () => imported(format, text, options),
    (error: Error) => {
      assert.equal(error.message.slice(0, message.length), message);
      return true;
    },
  );
}

export interface PageCounts {
  loads: number;
  stores: number;
  fetches: number;
}

/** What happened to each page in each invocation; 0 stands for all that lies outside of them. */
export function countsOf(events: Iterable<TraceEvent>): Map<string, PageCounts> {
  const numbers: number[] = [];
  const counts = new Map<string, PageCounts>();
  let invocation = 0;
  let begun = 0;
  for (const event of events) {
    if (event.kind === 'page') numbers.push(event.number);
    else if (event.kind === 'begin') {
      begun += 1;
      invocation = begun;
    } else if (event.kind === 'end') invocation = 0;
    else if (event.kind === 'run') {
      const key = `${invocation} ${numbers[event.page]}`;
      const held = counts.get(key) ?? { loads: 0, stores: 0, fetches: 0 };
      counts.set(key, {
        loads: held.loads + event.counts[0],
        stores: held.stores + event.counts[1],
        fetches: held.fetches + event.counts[2],
      });
    }
  }
  return counts;
}
