/**
 * One block's events as columns, so that like numbers stand together and compress:
 *
 *     | events u32 | bytes of each column u32 × 5 | what | page | gap | count | number |
 *
 * `what` is a byte: below 64 a run (bit n: count n is not zero), 64 + region a page, then unmap,
 * begin, end. The others are LEB128; page and number are differences from the one before, zigzagged.
 */

import { block_events, type Counts, region_names, type TraceEvent } from './format.ts';

const columns = 5;
const header_bytes = 4 * (1 + columns);
const page_code = 64;
const unmap_code = 72;
const begin_code = 73;
const end_code = 74;

export function encodeBlock(events: readonly TraceEvent[]): Uint8Array {
  const [what, page, gap, count, number]: number[][] = [[], [], [], [], []];
  let last_page = 0;
  let last_number = 0;
  for (const event of events) {
    if ('gap' in event) put(gap!, event.gap);
    switch (event.kind) {
      case 'run':
        what!.push(event.counts.reduce((bits, each, i) => bits | (each > 0 ? 1 << i : 0), 0));
        put(page!, zigzag(event.page - last_page));
        last_page = event.page;
        for (const each of event.counts) if (each > 0) put(count!, each);
        break;
      case 'page':
        what!.push(page_code + region_names.indexOf(event.region));
        put(number!, zigzag(event.number - last_number));
        last_number = event.number;
        break;
      case 'unmap':
        what!.push(unmap_code);
        put(number!, zigzag(event.first - last_number));
        put(number!, event.pages);
        last_number = event.first;
        break;
      default:
        what!.push(event.kind === 'begin' ? begin_code : end_code);
    }
  }
  const parts = [what!, page!, gap!, count!, number!];
  const bytes = new Uint8Array(header_bytes + parts.reduce((sum, part) => sum + part.length, 0));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, events.length, true);
  let at = header_bytes;
  for (const [i, part] of parts.entries()) {
    view.setUint32(4 * (i + 1), part.length, true);
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** `undefined` if the bytes are no block. */
export function decodeBlock(bytes: Uint8Array): TraceEvent[] | undefined {
  if (bytes.length < header_bytes) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const count = view.getUint32(0, true);
  if (count > block_events) return undefined;
  const at = [header_bytes];
  for (let i = 1; i <= columns; i += 1) at.push(at[i - 1]! + view.getUint32(4 * i, true));
  if (at[columns] !== bytes.length || at[1]! - at[0]! !== count) return undefined;
  const ends = at.slice(1);
  let short = false;
  const next = (column: number): number => {
    let value = 0;
    let scale = 1;
    for (;;) {
      if (at[column]! >= ends[column]! || scale > 2 ** 49) {
        short = true;
        return 0;
      }
      const byte = bytes[at[column]!]!;
      at[column]! += 1;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
  };
  const events: TraceEvent[] = [];
  let page = 0;
  let number = 0;
  for (let i = 0; i < count && !short; i += 1) {
    const what = bytes[header_bytes + i]!;
    if (what < page_code) {
      page += unzigzag(next(1));
      const counts = [0, 0, 0, 0, 0, 0] as [number, number, number, number, number, number];
      const gap = next(2);
      for (let n = 0; n < 6; n += 1) if (what & (1 << n)) counts[n] = next(3);
      events.push({ kind: 'run', gap, page, counts: counts as Counts });
    } else if (what < page_code + region_names.length) {
      number += unzigzag(next(4));
      events.push({ kind: 'page', number, region: region_names[what - page_code]! });
    } else if (what === unmap_code) {
      number += unzigzag(next(4));
      events.push({ kind: 'unmap', first: number, pages: next(4) });
    } else if (what === begin_code || what === end_code) {
      events.push({ kind: what === begin_code ? 'begin' : 'end', gap: next(2) });
    } else {
      return undefined;
    }
    if (page < 0 || number < 0) return undefined;
  }
  return short || at.slice(1, columns).some((each, i) => each !== ends[i + 1]) ? undefined : events;
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
