import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  accessed,
  deferred,
  dirty,
  entryOf,
  in_cxl,
  in_file,
  mapped_young,
  present,
  writable,
} from '../../sim/memory/page-table.ts';
import { type Replayed, replay, touchOf } from '../../sim/memory/replay.ts';

/** The oracle: one touch at a time, by the rules of a page walker. */
function touchOneByOne(
  entries: Uint32Array,
  leaf_base: Uint32Array,
  touches: Uint32Array,
  from: number,
): Replayed {
  const replayed: Replayed = { next: from, cxl_touches: 0, first_touches: 0 };
  for (; replayed.next < touches.length; replayed.next += 1) {
    const touch = touches[replayed.next]!;
    const slot = Math.floor(touch / 2);
    const position = leaf_base[Math.floor(slot / 512)]! + (slot % 512);
    const has = (bit: number) => Math.floor(entries[position]! / bit) % 2 === 1;
    const set = (bit: number) => {
      if (!has(bit)) entries[position]! += bit;
    };
    const stores = touch % 2 === 1;
    if (!has(present) || (stores && !has(writable))) return replayed;
    if (!has(accessed) && !has(mapped_young)) replayed.first_touches += 1;
    if (has(in_cxl)) replayed.cxl_touches += 1;
    set(accessed);
    if (stores) set(dirty);
  }
  return replayed;
}

const leaves = 3;

const bits = fc
  .array(fc.constantFrom(writable, accessed, dirty, in_cxl, mapped_young, in_file))
  .map((each) => each.reduce((sum, bit) => sum | bit, 0));

/** Mostly mapped entries, so that replays get far; frames up to the last that can be named. */
const entries = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.tuple(fc.nat(2 ** 24 - 1), bits).map(([f, b]) => entryOf(f, b | present)),
  },
  { weight: 1, arbitrary: fc.constantFrom(0, entryOf(7, deferred), entryOf(7, deferred | in_cxl)) },
);

const slots = fc.tuple(fc.nat(leaves - 1), fc.nat(9)).map(([leaf, page]) => leaf * 512 + page);

const tables = fc.array(fc.tuple(slots, entries), { maxLength: 60, size: 'max' }).map((each) => {
  const table = new Uint32Array((leaves + 1) * 512);
  // The leaves of a process do not lie in the order of its addresses.
  const leaf_base = Uint32Array.of(1024, 512, 1536);
  for (let slot = 0; slot < leaves * 512; slot += 1) {
    table[leaf_base[slot >>> 9]! + (slot & 511)] = entryOf(slot, present | writable);
  }
  for (const [slot, entry] of each) table[leaf_base[slot >>> 9]! + (slot & 511)] = entry;
  return { table, leaf_base };
});

const touches = fc
  .array(
    fc.tuple(slots, fc.boolean()).map(([slot, store]) => touchOf(slot, store)),
    { maxLength: 200, size: 'max' },
  )
  .map((each) => Uint32Array.from(each));

describe('replay', () => {
  it('stops at a store to a page that may not be written, and not at a load of it', () => {
    const table = new Uint32Array(512).fill(entryOf(1, present));
    const replayed = { next: 0, cxl_touches: 0, first_touches: 0 };
    replay(
      table,
      Uint32Array.of(0),
      Uint32Array.of(touchOf(3, false), touchOf(3, true)),
      0,
      replayed,
    );
    assert.equal(replayed.next, 1);
    assert.equal(table[3], entryOf(1, present | accessed));
  });

  it('counts as first touches neither what was touched before nor what the kernel mapped young', () => {
    const table = Uint32Array.of(
      entryOf(0, present),
      entryOf(1, present | accessed),
      entryOf(2, present | mapped_young),
    );
    const replayed = { next: 0, cxl_touches: 0, first_touches: 0 };
    const each = [0, 1, 2, 0, 1, 2].map((slot) => touchOf(slot, false));
    replay(table, Uint32Array.of(0), Uint32Array.from(each), 0, replayed);
    assert.deepEqual(replayed, { next: 6, cxl_touches: 0, first_touches: 1 });
  });

  it('sets no dirty bit where an entry is read-only', () => {
    fc.assert(
      fc.property(tables, touches, ({ table, leaf_base }, each) => {
        const before = table.slice();
        replay(table, leaf_base, each, 0, { next: 0, cxl_touches: 0, first_touches: 0 });
        for (const [position, entry] of table.entries()) {
          if ((entry & writable) === 0) assert.equal(entry & dirty, before[position]! & dirty);
        }
      }),
    );
  });

  it('leaves the entries and counts that touches one by one leave, wherever it begins', () => {
    fc.assert(
      fc.property(tables, touches, fc.nat(20), ({ table, leaf_base }, each, start) => {
        const from = Math.min(start, each.length);
        const expected_table = table.slice();
        const expected = touchOneByOne(expected_table, leaf_base, each, from);
        const replayed = { next: 0, cxl_touches: 0, first_touches: 0 };
        replay(table, leaf_base, each, from, replayed);
        assert.deepEqual(replayed, expected);
        assert.deepEqual(table, expected_table);
      }),
      { numRuns: 300 },
    );
  });

  it('adds to the counts of earlier replays', () => {
    const table = new Uint32Array(512).fill(entryOf(1, present | in_cxl));
    const replayed = { next: 0, cxl_touches: 10, first_touches: 20 };
    replay(table, Uint32Array.of(0), Uint32Array.of(0, 2), 0, replayed);
    assert.deepEqual(replayed, { next: 2, cxl_touches: 12, first_touches: 22 });
  });
});
