/** A line of a journal: JSON that ends with the checksum of what stands before it, and a line feed. */

import { crc32 } from '../input/crc32.ts';

/** `{…}` as `{…,"crc32":"01234567"}` and a line feed. */
export function lineOf(entry: object): Buffer {
  const content = Buffer.from(JSON.stringify(entry)).subarray(0, -1);
  return Buffer.concat([content, Buffer.from(`${endOf(content)}\n`)]);
}

function endOf(content: Uint8Array): string {
  return `,"crc32":"${crc32(content).toString(16).padStart(8, '0')}"}`;
}

const end_bytes = endOf(new Uint8Array()).length;

/** What a line says; nothing if its checksum is not there, or another. */
function entryOf(line: Buffer): unknown {
  const content = line.subarray(0, -end_bytes);
  if (line.toString('latin1', content.length) !== endOf(content)) return undefined;
  try {
    return JSON.parse(`${content.toString()}}`);
  } catch {
    return undefined;
  }
}

/** What each whole line says, with its number from 1. */
export function* entriesIn(bytes: Buffer): Generator<[line: number, entry: unknown]> {
  let begin = 0;
  for (let line = 1; ; line += 1) {
    const end = bytes.indexOf(0x0a, begin);
    if (end === -1) return;
    yield [line, entryOf(bytes.subarray(begin, end))];
    begin = end + 1;
  }
}
