/**
 * One block's events as columns, so that like numbers stand together and compress:
 *
 *     | events u32 | bytes of each column u32 × 5 | what | page | gap | count | number |
 *
 * `what` is a byte: below 64 a run (bit n: count n is not zero), 64 + region a page, then unmap,
 * begin, end. The others are LEB128; page and number are differences from the one before, zigzagged.
 */

import { block_events, type Columns, event_kinds, number_limit, region_names } from './format.ts';

const column_count = 5;
const header_bytes = 4 * (1 + column_count);
const page_code = 64;
const unmap_code = 72;
const begin_code = 73;
const end_code = 74;
const [run, page, unmap, begin, end] = event_kinds.keys() as unknown as number[];

export function encodeBlock(columns: Columns): Uint8Array {
  const [what, pages, gaps, counts, numbers]: number[][] = [[], [], [], [], []];
  let last_page = 0;
  let last_number = 0;
  for (let i = 0; i < columns.events; i += 1) {
    const kind = columns.kind[i]!;
    if (kind !== page && kind !== unmap) put(gaps!, columns.gap[i]!);
    if (kind === run) {
      let bits = 0;
      for (let n = 0; n < 6; n += 1) {
        const count = columns.counts[6 * i + n]!;
        if (count === 0) continue;
        bits |= 1 << n;
        put(counts!, count);
      }
      what!.push(bits);
      put(pages!, zigzag(columns.page[i]! - last_page));
      last_page = columns.page[i]!;
    } else if (kind === page || kind === unmap) {
      what!.push(kind === page ? page_code + columns.region[i]! : unmap_code);
      put(numbers!, zigzag(columns.number[i]! - last_number));
      last_number = columns.number[i]!;
      if (kind === unmap) put(numbers!, columns.extent_pages[i]!);
    } else {
      what!.push(kind === begin ? begin_code : end_code);
    }
  }
  return joined(columns.events, [what!, pages!, gaps!, counts!, numbers!]);
}

/** The block of `events` runs of neighbouring pages, all as the first row is but for its gap. */
export function encodeRuns(columns: Columns, events: number): Uint8Array {
  const [pages, gaps, counts]: [number[], number[], number[]] = [[], [], []];
  let bits = 0;
  for (let n = 0; n < 6; n += 1) {
    if (columns.counts[n]! === 0) continue;
    bits |= 1 << n;
    put(counts, columns.counts[n]!);
  }
  put(pages, zigzag(columns.page[0]!));
  put(gaps, columns.gap[0]!);
  return joined(events, [
    new Uint8Array(events).fill(bits),
    extended(pages, events - 1, zigzag(1)),
    extended(gaps, events - 1, 0),
    repeated(counts, events),
    [],
  ]);
}

function joined(events: number, parts: readonly ArrayLike<number>[]): Uint8Array {
  const bytes = new Uint8Array(header_bytes + parts.reduce((sum, part) => sum + part.length, 0));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, events, true);
  let at = header_bytes;
  for (const [i, part] of parts.entries()) {
    view.setUint32(4 * (i + 1), part.length, true);
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function extended(begin: readonly number[], count: number, byte: number): Uint8Array {
  const bytes = new Uint8Array(begin.length + count).fill(byte);
  bytes.set(begin);
  return bytes;
}

function repeated(pattern: readonly number[], times: number): Uint8Array {
  const bytes = new Uint8Array(pattern.length * times);
  bytes.set(pattern);
  for (let held = pattern.length; held < bytes.length; held *= 2) {
    bytes.copyWithin(held, 0, Math.min(held, bytes.length - held));
  }
  return bytes;
}

/** Fills `columns`; false if the bytes are no block. */
export function decodeBlock(bytes: Uint8Array, columns: Columns): boolean {
  if (bytes.length < header_bytes) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const events = view.getUint32(0, true);
  if (events > block_events) return false;
  const at = [header_bytes];
  for (let i = 1; i <= column_count; i += 1) at.push(at[i - 1]! + view.getUint32(4 * i, true));
  if (at[column_count] !== bytes.length || at[1]! - at[0]! !== events) return false;
  const [pages, gaps, counts, numbers] = at
    .slice(1, column_count)
    .map((start, i) => new Numbers(bytes, start, at[i + 2]!)) as [
    Numbers,
    Numbers,
    Numbers,
    Numbers,
  ];
  columns.events = events;
  let last_page = 0;
  let last_number = 0;
  for (let i = 0; i < events; i += 1) {
    const what = bytes[header_bytes + i]!;
    columns.gap[i] = 0;
    if (what < page_code) {
      columns.kind[i] = run!;
      last_page += unzigzag(pages.next());
      if (last_page < 0 || last_page >= 2 ** 32) return false;
      columns.page[i] = last_page;
      columns.gap[i] = gaps.next();
      for (let n = 0; n < 6; n += 1) {
        columns.counts[6 * i + n] = (what >>> n) & 1 ? counts.next() : 0;
      }
    } else if (what < page_code + region_names.length || what === unmap_code) {
      last_number += unzigzag(numbers.next());
      if (last_number < 0 || last_number >= number_limit) return false;
      columns.number[i] = last_number;
      columns.kind[i] = what === unmap_code ? unmap! : page!;
      if (what === unmap_code) columns.extent_pages[i] = numbers.next();
      else columns.region[i] = what - page_code;
    } else if (what === begin_code || what === end_code) {
      columns.kind[i] = what === begin_code ? begin! : end!;
      columns.gap[i] = gaps.next();
    } else {
      return false;
    }
  }
  return pages.exhausted && gaps.exhausted && counts.exhausted && numbers.exhausted;
}

/** Reads one column of LEB128 numbers. */
class Numbers {
  private readonly bytes: Uint8Array;
  private at: number;
  private readonly end: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
  }

  /** Whether all was read, and no more than that. */
  get exhausted(): boolean {
    return this.at === this.end;
  }

  next(): number {
    const first = this.bytes[this.at]!;
    this.at += 1;
    if (first < 0x80 && this.at <= this.end) return first;
    return this.rest(first - 0x80);
  }

  private rest(low: number): number {
    let value = low;
    for (let scale = 128; scale <= 2 ** 49 && this.at < this.end; scale *= 128) {
      const byte = this.bytes[this.at]!;
      this.at += 1;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80 && value <= Number.MAX_SAFE_INTEGER) return value;
    }
    // Beyond the end for good: the column is found not to be exhausted.
    this.at = this.end + 1;
    return 0;
  }
}

function put(column: number[], value: number): void {
  let rest = value;
  while (rest >= 128) {
    column.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  column.push(rest);
}

function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

function unzigzag(value: number): number {
  return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
}
