import assert from 'node:assert/strict';
import fc from 'fast-check';
import { bitsOf, entryOf, frame_limit, frameOf, Leaves } from '../../sim/memory/page-table.ts';

describe('page table', () => {
  it('gives back the frame and the bits of any entry', () => {
    fc.assert(
      fc.property(fc.nat(frame_limit - 1), fc.nat(255), (frame, bits) => {
        const [entry] = Uint32Array.of(entryOf(frame, bits));
        assert.equal(frameOf(entry!), frame);
        assert.equal(bitsOf(entry!), bits);
      }),
    );
  });

  it('hands out zeroed leaves that overlap no other, also those that were used before', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(300), { maxLength: 200, size: 'max' }), (each) => {
        const leaves = new Leaves();
        const live: number[] = [];
        for (const choice of each) {
          if (choice % 3 === 0 && live.length > 0) {
            leaves.release(live.splice(choice % live.length, 1)[0]!);
          } else {
            const base = leaves.allocate();
            assert.ok(!live.includes(base) && base % 512 === 0);
            assert.ok(leaves.entries.subarray(base, base + 512).every((entry) => entry === 0));
            leaves.entries.fill(choice + 1, base, base + 512);
            live.push(base);
          }
          assert.equal(leaves.allocated, live.length);
        }
      }),
    );
  });

  it('copies a leaf whole, and the copy changes alone', () => {
    const leaves = new Leaves();
    const base = leaves.allocate();
    leaves.entries.forEach((_, i, entries) => {
      if (i >= base && i < base + 512) entries[i] = i + 1;
    });
    const copy = leaves.copy(base);
    assert.deepEqual(
      leaves.entries.slice(copy, copy + 512),
      leaves.entries.slice(base, base + 512),
    );
    leaves.entries[copy] = 99;
    assert.equal(leaves.entries[base], base + 1);
  });

  it('keeps entries as it grows', () => {
    const leaves = new Leaves();
    const bases = Array.from({ length: 200 }, () => {
      const base = leaves.allocate();
      leaves.entries[base + 511] = base + 1;
      return base;
    });
    for (const base of bases) assert.equal(leaves.entries[base + 511], base + 1);
  });

  it('refuses to release a leaf that is not in use', () => {
    const leaves = new Leaves();
    const base = leaves.allocate();
    leaves.release(base);
    assert.throws(() => leaves.release(base), RangeError);
    assert.throws(() => leaves.release(512), RangeError);
  });
});
