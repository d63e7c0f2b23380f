import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { crc32 } from '../../../sim/input/crc32.ts';
import { InputError } from '../../../sim/input/input-error.ts';
import { region_names, type TraceEvent } from '../../../sim/workload/cxltrace/format.ts';
import { compress, decompress } from '../../../sim/workload/cxltrace/lz4.ts';
import type { Metadata } from '../../../sim/workload/cxltrace/metadata.ts';
import { TraceReader } from '../../../sim/workload/cxltrace/reader.ts';
import { TraceWriter } from '../../../sim/workload/cxltrace/writer.ts';
import { metadata as drawn_metadata } from '../../recording/drawn-traces.ts';

const metadata: Metadata = { ...drawn_metadata, command: ['./f', 'x'] };

function written(events: Iterable<TraceEvent>): Uint8Array {
  const parts: Uint8Array[] = [];
  const writer = new TraceWriter((bytes) => parts.push(bytes), metadata);
  for (const event of events) writer.write(event);
  writer.finish();
  return Buffer.concat(parts);
}

function read(bytes: Uint8Array): TraceEvent[] {
  let at = 0;
  const reader = new TraceReader((size) => {
    const part = bytes.subarray(at, at + size);
    at += part.length;
    return part;
  }, 'a.cxltrace');
  assert.deepEqual(reader.metadata, metadata);
  return [...reader.events()];
}

const small: TraceEvent[] = [
  { kind: 'page', number: 0x58000, region: 'heap' },
  { kind: 'run', gap: 3, page: 0, counts: [1, 2, 0, 1, 0, 0] },
  { kind: 'begin', gap: 10 },
  { kind: 'page', number: 0x7ffff, region: 'stack' },
  { kind: 'run', gap: 0, page: 1, counts: [0, 9, 0, 0, 1, 0] },
  { kind: 'run', gap: 300, page: 0, counts: [5, 0, 7, 0, 0, 2] },
  { kind: 'end', gap: 2 ** 40 },
  { kind: 'unmap', first: 0x58000, pages: 16 },
];

const count = fc.oneof(fc.constant(0), fc.nat(300), fc.maxSafeNat());
const traces = fc
  .array(
    fc.record({
      kind: fc.constantFrom('page', 'run', 'unmap', 'mark'),
      number: fc.nat({ max: 2 ** 31 - 1 }),
      region: fc.constantFrom(...region_names),
      gap: fc.nat({ max: 2 ** 31 - 1 }),
      counts: fc.tuple(count, count, count, count, count, count),
    }),
    { maxLength: 60 },
  )
  .map((drawn) => {
    const events: TraceEvent[] = [{ kind: 'page', number: 7, region: 'file' }];
    let pages = 1;
    let inside = false;
    for (const { kind, number, region, gap, counts } of drawn) {
      if (kind === 'page') events.push({ kind, number, region });
      if (kind === 'page') pages += 1;
      if (kind === 'run') events.push({ kind, gap, page: number % pages, counts });
      if (kind === 'unmap') events.push({ kind, first: number, pages: gap });
      if (kind === 'mark') {
        events.push({ kind: inside ? 'end' : 'begin', gap });
        inside = !inside;
      }
    }
    if (inside) events.push({ kind: 'end', gap: 1 });
    return events;
  });

describe('a .cxltrace', () => {
  it('gives back what was written', () => {
    fc.assert(fc.property(traces, (events) => assert.deepEqual(read(written(events)), events)));
  });

  it('gives back more events than a block holds', () => {
    const events = Array.from({ length: 20000 }, (_, i) =>
      i === 0 ? small[0]! : { ...small[1]!, gap: i },
    ) as TraceEvent[];
    assert.deepEqual(read(written(events)), events);
  });

  it('is the same bytes for the same events, on any machine', () => {
    const digest = createHash('sha256').update(written(small)).digest('hex');
    assert.equal(digest, '3281d12497d8896824b4222897d1d2aac00b977d9bc0cf3e87ede5acff00cbc4');
  });

  it('that is cut short anywhere is refused with the byte where it ends', () => {
    const bytes = written(small);
    for (let length = 0; length < bytes.length; length += 1) {
      assert.throws(
        () => read(bytes.subarray(0, length)),
        (error) =>
          error instanceof InputError &&
          typeof error.place === 'object' &&
          'byte' in error.place &&
          error.place.byte === length,
      );
    }
  });

  it('with any one bit flipped is refused', () => {
    const bytes = written(small);
    for (let bit = 0; bit < 8 * bytes.length; bit += 1) {
      const damaged = Uint8Array.from(bytes);
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      assert.throws(() => read(damaged), InputError, `bit ${bit}`);
    }
  });

  it('that is big-endian, of another version, longer or something else says so', () => {
    const changed = (at: number, values: readonly number[]) => {
      const bytes = Uint8Array.from(written(small));
      bytes.set(values, at);
      return bytes;
    };
    assert.throws(
      () => read(changed(8, [1, 2, 3, 4])),
      /a\.cxltrace:byte 8: is written big-endian/,
    );
    assert.throws(() => read(changed(12, [9])), /byte 12: is of version 9; expected version 1/);
    assert.throws(() => read(changed(0, [0x78])), /byte 0: is no recorded trace/);
    assert.throws(() => read(Buffer.concat([written(small), Buffer.of(0)])), /more follows/);
  });

  it('cannot be written with marks that do not pair or pages that are not declared', () => {
    assert.throws(() => written([{ kind: 'end', gap: 0 }]), /did not begin/);
    assert.throws(() => written([{ kind: 'begin', gap: 0 }]), /within an invocation/);
    assert.throws(() => written([small[1]!]), /before it is declared/);
  });
});

describe('its compression', () => {
  it('gives back every text, repetitive or not', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 2000 }),
      fc.array(fc.constantFrom(1, 2), { maxLength: 3000 }).map((all) => Uint8Array.from(all)),
    );
    fc.assert(
      fc.property(bytes, (text) => assert.deepEqual(decompress(compress(text), text.length), text)),
    );
  });

  it('never fails but by saying so, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.nat(5000), (bytes, size) => {
        const text = decompress(bytes, size);
        assert.ok(text === undefined || text.length === size);
      }),
    );
  });

  it('is checked by the CRC-32 of the standard check value', () => {
    assert.equal(crc32(new TextEncoder().encode('123456789')), 0xcbf43926);
  });
});
