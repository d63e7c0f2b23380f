/** Trace files on disk: read in pieces, written whole or not at all. */

import {
  closeSync,
  fsyncSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { expected } from '../input/expected.ts';
import { InputError } from '../input/input-error.ts';
import type { Totals, TraceEvent, TraceExtent } from '../workload/cxltrace/format.ts';
import type { Metadata } from '../workload/cxltrace/metadata.ts';
import { type ByteSource, TraceReader } from '../workload/cxltrace/reader.ts';
import { TraceWriter } from '../workload/cxltrace/writer.ts';

const kind = 'a recorded trace (.cxltrace)';
/** Written between two looks at whether to stop; runs of pages count page by page. */
const events_at_once = 1 << 16;

/** What `use` returns of the trace, which is closed then. `shown` is the file as it was named. */
export function readTrace<Result>(
  path: string,
  use: (reader: TraceReader) => Result,
  shown = path,
): Result {
  const file = opened(path, shown);
  try {
    return use(new TraceReader(sourceOf(file), shown));
  } finally {
    closeSync(file);
  }
}

/**
 * A trace's bytes from the file's start, in pieces, each shown to `pass` on its way; for traces that
 * are read more than once, too.
 */
export function sourceOf(file: number, pass?: (bytes: Uint8Array) => void): ByteSource {
  let position = 0;
  return (size) => {
    const bytes = new Uint8Array(size);
    let held = 0;
    for (let got = 1; got > 0 && held < size; held += got) {
      got = readSync(file, bytes, held, size - held, position + held);
    }
    position += held;
    pass?.(bytes.subarray(0, held));
    return bytes.subarray(0, held);
  };
}

function opened(path: string, shown: string): number {
  try {
    // Looked at first: opening a pipe that nobody writes would wait for ever.
    if (statSync(path).isFile()) return openSync(path, 'r');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const what = code === 'ENOENT' ? `there is no file ${shown}` : `cannot be read (${code})`;
    throw new InputError(shown, what, `name ${kind} that can be read`);
  }
  throw new InputError(shown, 'is not a regular file', `name ${kind}`);
}

/**
 * Writes the events as a trace that appears under its name when it is whole. If `signal` aborts, or
 * the events throw, nothing is left.
 */
export async function writeTrace(
  path: string,
  metadata: Metadata,
  events: Iterable<TraceEvent | TraceExtent>,
  signal?: AbortSignal,
): Promise<Totals> {
  const partial = `${path}.${process.pid}.partial`;
  const file = attempt(path, () => openSync(partial, 'w'));
  try {
    const writer = new TraceWriter((bytes) => {
      for (let at = 0; at < bytes.length; ) {
        at += attempt(path, () => writeSync(file, bytes, at));
      }
    }, metadata);
    let count = 0;
    for (const event of events) {
      writer.write(event);
      count += event.kind === 'pages' || event.kind === 'runs' ? event.pages : 1;
      if (count < events_at_once) continue;
      count = 0;
      await setImmediate();
      signal?.throwIfAborted();
    }
    const totals = writer.finish();
    attempt(path, () => fsyncSync(file));
    attempt(path, () => renameSync(partial, path));
    return totals;
  } finally {
    closeSync(file);
    rmSync(partial, { force: true });
  }
}

/** What `action` returns; what the file system refuses is told of `path`. */
export function attempt<Result>(path: string, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw unwritable(path, code);
  }
}

export function unwritable(path: string, code: string): InputError {
  return new InputError(
    path,
    `cannot be written (${code})`,
    expected('a name in a folder with room that may be written'),
  );
}
