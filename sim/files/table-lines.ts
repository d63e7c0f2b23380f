/** A table on disk line by line, compressed by gzip or not, with the checksum of the file. */

import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { expected } from '../input/expected.ts';
import { InputError } from '../input/input-error.ts';
import { TextLines } from '../input/text-lines.ts';
import { readBytes } from './read-text.ts';

/** A day of all functions that Azure published has 130 MB. */
const most_bytes = 2 ** 29;

/** `shown` is the file as messages name it, `origin` where it was named. */
export function tableLines(
  path: string,
  shown: string,
  origin?: string,
): { readonly lines: TextLines; readonly sha256: string } {
  const bytes = readBytes(path, {
    kind: 'a table (.csv or .csv.gz)',
    most_bytes,
    shown,
    ...(origin !== undefined && { origin }),
  });
  const text = path.endsWith('.gz') ? expanded(bytes, shown) : bytes;
  let at = 0;
  const lines = new TextLines((into) => {
    const piece = text.subarray(at, at + into.length);
    into.set(piece);
    at += piece.length;
    return piece.length;
  }, shown);
  return { lines, sha256: createHash('sha256').update(bytes).digest('hex') };
}

function expanded(bytes: Uint8Array, shown: string): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: most_bytes });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const what =
      code === 'ERR_BUFFER_TOO_LARGE'
        ? `it holds more than ${most_bytes / 2 ** 20} MiB`
        : 'it is no whole gzip file';
    throw new InputError(shown, what, expected('a table that gzip compressed'));
  }
}
