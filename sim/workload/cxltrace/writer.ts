/** Writes a `.cxltrace`, a block at a time: the same events give the same bytes. */

import { crc32 } from '../../input/crc32.ts';
import { encodeBlock, encodeRuns } from './block.ts';
import { setEvent, singly } from './event-columns.ts';
import {
  block_events,
  block_tag,
  byte_order,
  type Columns,
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
    const { held, tally } = this;
    for (let done = 0; done < pages; ) {
      const at = held.events;
      const count = Math.min(pages - done, block_events - at);
      const one = { kind: 'run', gap: done === 0 ? gap : 0, page: page + done, counts } as const;
      setEvent(held, at, one);
      const wrong = tally.add(held, at) ?? tally.repeat(one.page, count);
      if (wrong !== undefined) throw new RangeError(wrong);
      done += count;
      if (count === block_events) {
        this.block(block_tag, encodeRuns(held, block_events));
        continue;
      }
      repeatRun(held, at, count);
      held.events += count;
      if (held.events === block_events) this.flush();
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

/** Fills the `count - 1` rows after the run at `at` with runs of the pages after its own. */
function repeatRun(columns: Columns, at: number, count: number): void {
  const end = at + count;
  columns.kind.fill(columns.kind[at]!, at + 1, end);
  columns.gap.fill(0, at + 1, end);
  for (let i = at + 1; i < end; i += 1) {
    columns.page[i] = columns.page[at]! + i - at;
    columns.counts.copyWithin(6 * i, 6 * at, 6 * at + 6);
  }
}

function words(...values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  for (const [i, value] of values.entries()) view.setUint32(4 * i, value, true);
  return new Uint8Array(view.buffer);
}
