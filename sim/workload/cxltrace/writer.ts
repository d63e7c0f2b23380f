/** Writes a `.cxltrace`, a block at a time: the same events give the same bytes. */

import { encodeBlock } from './block.ts';
import { crc32 } from './crc32.ts';
import {
  block_events,
  block_tag,
  byte_order,
  last_tag,
  type Metadata,
  magic,
  Tally,
  type Totals,
  type TraceEvent,
  version,
} from './format.ts';
import { compress } from './lz4.ts';

export class TraceWriter {
  private readonly sink: (bytes: Uint8Array) => void;
  private readonly tally = new Tally();
  private held: TraceEvent[] = [];

  constructor(sink: (bytes: Uint8Array) => void, metadata: Metadata) {
    this.sink = sink;
    const { command, recorder, page_bytes, llc_bytes, window_pages, window_instructions } =
      metadata;
    // Written out, so that the order of the caller's keys does not reach the file.
    const text = new TextEncoder().encode(
      JSON.stringify({
        command,
        recorder,
        page_bytes,
        llc_bytes,
        window_pages,
        window_instructions,
      }),
    );
    const head = new Uint8Array([
      ...new TextEncoder().encode(magic),
      ...words(byte_order, version, text.length),
    ]);
    sink(head);
    sink(text);
    sink(words(crc32(head, text)));
  }

  write(event: TraceEvent): void {
    const wrong = this.tally.add(event);
    if (wrong !== undefined) throw new RangeError(wrong);
    this.held.push(event);
    if (this.held.length === block_events) this.flush();
  }

  finish(): Totals {
    const wrong = this.tally.end();
    if (wrong !== undefined) throw new RangeError(wrong);
    if (this.held.length > 0) this.flush();
    const { totals } = this.tally;
    this.block(last_tag, new TextEncoder().encode(JSON.stringify(totals)));
    return totals;
  }

  private flush(): void {
    this.block(block_tag, encodeBlock(this.held));
    this.held = [];
  }

  private block(tag: number, raw: Uint8Array): void {
    const stored = compress(raw);
    const head = words(tag, raw.length, stored.length);
    this.sink(head);
    this.sink(words(crc32(head, stored)));
    this.sink(stored);
  }
}

function words(...values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  for (const [i, value] of values.entries()) view.setUint32(4 * i, value, true);
  return new Uint8Array(view.buffer);
}
