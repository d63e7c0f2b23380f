/** Writes a `.cxltrace`, a block at a time: the same events give the same bytes. */

import { encodeBlock, encodeRuns } from './block.ts';
import { crc32 } from './crc32.ts';
import { setEvent, singly } from './event-columns.ts';
import {
  block_events,
  block_tag,
  byte_order,
  emptyColumns,
  last_tag,
  magic,
  type Totals,
  type TraceEvent,
  type TraceExtent,
  version,
} from './format.ts';
import { compress } from './lz4.ts';
import { type Metadata, metadata_limit_bytes, printMetadata } from './metadata.ts';
import { Tally } from './tally.ts';

export class TraceWriter {
  private readonly sink: (bytes: Uint8Array) => void;
  private readonly tally = new Tally();
  private readonly held = emptyColumns();

  constructor(sink: (bytes: Uint8Array) => void, metadata: Metadata) {
    this.sink = sink;
    const text = new TextEncoder().encode(printMetadata(metadata));
    if (text.length > metadata_limit_bytes) {
      throw new RangeError(`metadata of ${text.length} bytes`);
    }
    const head = new Uint8Array([
      ...new TextEncoder().encode(magic),
      ...words(byte_order, version, text.length),
    ]);
    sink(head);
    sink(text);
    sink(words(crc32(head, text)));
  }

  /** Throws RangeError for an event that may not stand here; nothing is written of it then. */
  write(event: TraceEvent | TraceExtent): void {
    if (event.kind === 'pages') for (const each of singly([event])) this.write(each);
    else if (event.kind === 'runs') this.writeRuns(event);
    else this.writeOne(event);
  }

  /** The bytes are those of single runs; blocks that nothing else is in are made without them. */
  private writeRuns({ gap, page, pages, counts }: TraceExtent & { kind: 'runs' }): void {
    for (let done = 0; done < pages; ) {
      const one = { kind: 'run', gap: done === 0 ? gap : 0, page: page + done, counts } as const;
      if (this.held.events > 0 || pages - done < block_events) {
        this.writeOne(one);
        done += 1;
        continue;
      }
      setEvent(this.held, 0, one);
      const wrong = this.tally.add(this.held, 0) ?? this.tally.repeat(one.page, block_events);
      if (wrong !== undefined) throw new RangeError(wrong);
      this.block(block_tag, encodeRuns(this.held, block_events));
      done += block_events;
    }
  }

  private writeOne(event: TraceEvent): void {
    const { held } = this;
    setEvent(held, held.events, event);
    const wrong = this.tally.add(held, held.events);
    if (wrong !== undefined) throw new RangeError(wrong);
    held.events += 1;
    if (held.events === block_events) this.flush();
  }

  finish(): Totals {
    const wrong = this.tally.end();
    if (wrong !== undefined) throw new RangeError(wrong);
    if (this.held.events > 0) this.flush();
    const { totals } = this.tally;
    this.block(last_tag, new TextEncoder().encode(JSON.stringify(totals)));
    return totals;
  }

  private flush(): void {
    this.block(block_tag, encodeBlock(this.held));
    this.held.events = 0;
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
