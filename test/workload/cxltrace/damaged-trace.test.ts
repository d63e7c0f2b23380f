import assert from 'node:assert/strict';
import fc from 'fast-check';
import { crc32 } from '../../../sim/input/crc32.ts';
import { InputError } from '../../../sim/input/input-error.ts';
import { page_limit, type TraceEvent } from '../../../sim/workload/cxltrace/format.ts';
import { compress } from '../../../sim/workload/cxltrace/lz4.ts';
import type { Metadata } from '../../../sim/workload/cxltrace/metadata.ts';
import { TraceReader } from '../../../sim/workload/cxltrace/reader.ts';
import { TraceWriter } from '../../../sim/workload/cxltrace/writer.ts';
import { metadata, recordedTraces } from '../../recording/drawn-traces.ts';

function written(events: readonly TraceEvent[]): Buffer {
  const parts: Uint8Array[] = [];
  const writer = new TraceWriter((bytes) => parts.push(bytes), metadata);
  for (const event of events) writer.write(event);
  writer.finish();
  return Buffer.concat(parts);
}

/** The largest piece that was asked for is what memory was needed. */
function read(bytes: Uint8Array): { events: number; largest: number } {
  let at = 0;
  let largest = 0;
  const reader = new TraceReader((size) => {
    largest = Math.max(largest, size);
    const part = bytes.subarray(at, at + size);
    at += part.length;
    return part;
  }, 'a.cxltrace');
  let events = 0;
  for (const columns of reader.blocks()) events += columns.events;
  return { events, largest };
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) bytes.writeUInt32LE(value >>> 0, 4 * i);
  return bytes;
}

function headed(text: string): Buffer {
  const json = Buffer.from(text);
  const head = Buffer.concat([Buffer.from('CXLTRACE'), words(0x01020304, 1, json.length), json]);
  return Buffer.concat([head, words(crc32(head))]);
}

/** With checksums that agree, so that what is inside is looked at. */
function block(raw: Uint8Array, size = raw.length): Buffer {
  const stored = compress(raw);
  const head = words(0x4b434c42, size, stored.length);
  return Buffer.concat([head, words(crc32(head, stored)), stored]);
}

const good = JSON.stringify(metadata);
const with_key = (key: keyof Metadata, value: unknown) =>
  headed(JSON.stringify({ ...metadata, [key]: value }));

describe('a damaged .cxltrace', () => {
  const mutations = fc.array(
    fc.record({
      what: fc.constantFrom('set', 'insert', 'delete', 'repeat'),
      at: fc.nat(5000),
      byte: fc.integer({ min: 0, max: 255 }),
      length: fc.integer({ min: 1, max: 40 }),
    }),
    { minLength: 1, maxLength: 5 },
  );

  it('is refused with file and byte, in bounded memory, however it was damaged', () => {
    fc.assert(
      fc.property(recordedTraces, mutations, (events, changes) => {
        const whole = written(events);
        let bytes = whole;
        for (const { what, at: anywhere, byte, length } of changes) {
          const at = anywhere % bytes.length;
          const before = bytes.subarray(0, at);
          const part = bytes.subarray(at, at + length);
          const after = bytes.subarray(at + length);
          if (what === 'set')
            bytes = Buffer.concat([before, Buffer.of(byte), bytes.subarray(at + 1)]);
          if (what === 'insert')
            bytes = Buffer.concat([before, Buffer.of(byte), bytes.subarray(at)]);
          if (what === 'delete' && bytes.length > length + 1)
            bytes = Buffer.concat([before, after]);
          if (what === 'repeat') bytes = Buffer.concat([before, part, part, after]);
        }
        if (bytes.equals(whole)) return;
        assert.throws(
          () => read(bytes),
          (error) =>
            error instanceof InputError && /^a\.cxltrace:byte \d+: .+; .+/.test(error.message),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('is refused however its block is filled, though the checksums agree', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (raw) => {
        assert.throws(() => read(Buffer.concat([headed(good), block(raw)])), InputError);
      }),
      { numRuns: 300 },
    );
  });

  it('that claims more than memory holds is refused before memory is asked for', () => {
    const huge = Buffer.concat([headed(good), words(0x4b434c42, 2 ** 31, 2 ** 31, 0)]);
    assert.throws(() => read(huge), /byte \d+: a block of 2147483648 bytes/);
    const long = Buffer.concat([Buffer.from('CXLTRACE'), words(0x01020304, 1, 2 ** 31)]);
    assert.throws(() => read(long), /byte 16: metadata of 2147483648 bytes/);
  });

  it('that declares a billion pages is refused at the page that is one too many', function () {
    this.timeout(60_000);
    const pages = 8192;
    const columns = [pages, 0, 0, 0, pages];
    const raw = Buffer.concat([
      words(pages, ...columns),
      Buffer.alloc(pages, 64),
      Buffer.alloc(pages, 2),
    ]);
    const one = block(raw);
    const blocks = Array(page_limit / pages + 1).fill(one) as Buffer[];
    assert.throws(
      () => read(Buffer.concat([headed(good), ...blocks])),
      new RegExp(`byte \\d+: more than ${page_limit} pages are declared`),
    );
  });

  it('whose metadata are wrong says which, and what was expected', () => {
    for (const [bytes, message] of [
      [with_key('gap_unit', 'ms'), 'metadata: gap_unit is "ms"; expected instructions or ns'],
      [with_key('page_bytes', 2 ** 21), 'metadata: page_bytes is 2097152; expected 4096'],
      [with_key('llc_bytes', -1), 'metadata: llc_bytes is -1; expected a number of bytes, or null'],
      [
        with_key('memory', 'far'),
        'metadata: memory is "far"; expected "local" or {"numa_node": 1}',
      ],
      [headed('[]'), 'metadata: is a list; expected a mapping'],
      [headed('{'), 'the metadata are not JSON'],
      [
        headed(JSON.stringify({ ...metadata, more: 1 })),
        'metadata: more is not a key; expected command,',
      ],
      [
        headed(JSON.stringify({ ...metadata, recorder: undefined })),
        'metadata: recorder is missing',
      ],
    ] as const) {
      assert.throws(
        () => read(bytes),
        (error) =>
          error instanceof InputError && error.message.startsWith(`a.cxltrace:byte 20: ${message}`),
        message,
      );
    }
  });

  it('cannot be written: negative, fractional and too large numbers are refused', () => {
    const page: TraceEvent = { kind: 'page', number: 1, region: 'heap' };
    const run = (count: number, gap = 0): TraceEvent => ({
      kind: 'run',
      gap,
      page: 0,
      counts: [count, 0, 0, 0, 0, 0],
    });
    for (const wrong of [-1, 0.5, 2 ** 53, Number.NaN]) {
      assert.throws(() => written([page, run(wrong)]), /a count of .*a whole number from 0/);
      assert.throws(() => written([page, run(1, wrong)]), /a gap of /);
    }
    assert.throws(() => written([{ ...page, number: 2 ** 52 }]), /a page number of/);
    assert.throws(() => written([page, run(1, 2 ** 52), run(1, 2 ** 53 - 1)]), /longer than 2\^53/);
  });

  it('is not what a whole one is: reading takes memory for one block', () => {
    const events: TraceEvent[] = [{ kind: 'page', number: 1, region: 'heap' }];
    for (let i = 0; i < 200_000; i += 1) {
      events.push({ kind: 'run', gap: i % 997, page: 0, counts: [i % 31, 0, 0, 0, 0, 0] });
    }
    const bytes = written(events);
    const { events: count, largest } = read(bytes);
    assert.equal(count, events.length);
    assert.ok(largest < 65_536, `${largest} bytes at once`);
  });
});
