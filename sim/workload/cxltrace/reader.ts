/** Reads a `.cxltrace` a block at a time, and says at which byte a damaged one is damaged. */

import { crc32 } from '../../input/crc32.ts';
import { expected } from '../../input/expected.ts';
import { InputError } from '../../input/input-error.ts';
import { decodeBlock } from './block.ts';
import { eventsOf } from './event-columns.ts';
import {
  block_limit_bytes,
  block_tag,
  byte_order,
  type Columns,
  emptyColumns,
  last_tag,
  magic,
  type Totals,
  type TraceEvent,
  version,
} from './format.ts';
import { decompress } from './lz4.ts';
import { type Metadata, metadata_limit_bytes, parseMetadata } from './metadata.ts';
import { Tally } from './tally.ts';

/** The next `size` bytes, or fewer at the end. */
export type ByteSource = (size: number) => Uint8Array;

const again = expected('the file as it was recorded');

export class TraceReader {
  readonly metadata: Metadata;
  private readonly source: ByteSource;
  private readonly file: string;
  private byte = 0;

  constructor(source: ByteSource, file: string) {
    this.source = source;
    this.file = file;
    const head = this.take(20);
    const view = viewOf(head);
    if (new TextDecoder().decode(head.subarray(0, 8)) !== magic) {
      this.fail(0, 'is no recorded trace', expected(`a file that begins with ${magic}`));
    }
    const order = view.getUint32(8, true);
    if (order !== byte_order) {
      const big = view.getUint32(8, false) === byte_order;
      this.fail(8, big ? 'is written big-endian' : 'the byte order is damaged', again);
    }
    if (view.getUint32(12, true) !== version) {
      this.fail(12, `is of version ${view.getUint32(12, true)}`, expected(`version ${version}`));
    }
    const length = view.getUint32(16, true);
    if (length > metadata_limit_bytes) this.fail(16, `metadata of ${length} bytes`, again);
    const text = this.take(length);
    this.check(20, crc32(head, text), viewOf(this.take(4)).getUint32(0, true));
    this.metadata = this.read(text);
  }

  /** Every event in order; what it returns was found to agree with the events. */
  *events(): Generator<TraceEvent, Totals, void> {
    const blocks = this.blocks();
    for (;;) {
      const step = blocks.next();
      if (step.done) return step.value;
      yield* eventsOf(step.value);
    }
  }

  /** The same a block at a time, which is faster; the columns hold until the next block is read. */
  *blocks(): Generator<Columns, Totals, void> {
    const tally = new Tally();
    const columns = emptyColumns();
    for (;;) {
      const start = this.byte;
      const { tag, raw } = this.block();
      if (tag === last_tag) return this.last(start, raw, tally);
      if (!decodeBlock(raw, columns)) this.fail(start, 'the block holds no events', again);
      for (let i = 0; i < columns.events; i += 1) {
        const wrong = tally.add(columns, i);
        if (wrong !== undefined) this.fail(start, wrong, again);
      }
      yield columns;
    }
  }

  private block(): { tag: number; raw: Uint8Array } {
    const start = this.byte;
    const head = this.take(16);
    const view = viewOf(head);
    const tag = view.getUint32(0, true);
    const size = view.getUint32(4, true);
    const stored = view.getUint32(8, true);
    if (tag !== block_tag && tag !== last_tag) this.fail(start, 'no block begins here', again);
    if (size > block_limit_bytes || stored > block_limit_bytes) {
      this.fail(start + 4, `a block of ${Math.max(size, stored)} bytes`, again);
    }
    const payload = this.take(stored);
    this.check(start, crc32(head.subarray(0, 12), payload), view.getUint32(12, true));
    const raw = decompress(payload, size);
    if (raw === undefined) this.fail(start + 16, 'the block does not decompress', again);
    return { tag, raw: raw! };
  }

  private last(start: number, raw: Uint8Array, tally: Tally): Totals {
    const wrong = tally.end();
    if (wrong !== undefined) this.fail(start, wrong, again);
    if (new TextDecoder().decode(raw) !== JSON.stringify(tally.totals)) {
      this.fail(start, 'the totals do not agree with the events', again);
    }
    if (this.source(1).length > 0) this.fail(this.byte, 'more follows the end of the trace', again);
    return tally.totals;
  }

  private read(text: Uint8Array): Metadata {
    let value: unknown;
    try {
      value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text));
    } catch {
      this.fail(20, 'the metadata are not JSON', again);
    }
    const metadata = parseMetadata(value);
    return 'what' in metadata ? this.fail(20, metadata.what, metadata.expected) : metadata;
  }

  private take(size: number): Uint8Array {
    const bytes = this.source(size);
    if (bytes.length < size) {
      const end = this.byte + bytes.length;
      this.fail(end, end === 0 ? 'is empty' : 'is cut short', again);
    }
    this.byte += size;
    return bytes;
  }

  private check(start: number, computed: number, stored: number): void {
    if (computed !== stored) this.fail(start, 'the checksum does not agree: it is damaged', again);
  }

  private fail(byte: number, what: string, right: string): never {
    throw new InputError({ file: this.file, byte }, what, right);
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
