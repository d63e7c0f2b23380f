/** Laws of blocks that are found by their identity, held against a list in the order of last use. */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { BlockPool } from '../../../sim/scenarios/kv-cache/block-pool.ts';

const actions = fc.array(
  fc.record({
    kind: fc.constantFrom('take', 'find', 'release'),
    identity: fc.integer({ min: 0, max: 9 }),
  }),
  { maxLength: 80 },
);

describe('a pool of blocks', () => {
  it('keeps what nobody holds until its memory is needed, the least recently used no longer', () => {
    fc.assert(
      fc.property(actions, fc.integer({ min: 1, max: 5 }), (all, size) => {
        const pool = new BlockPool(size);
        /** Identities that are kept and not held, least recently used first. */
        let kept: number[] = [];
        const held: { block: number; identity: number }[] = [];
        for (const { kind, identity } of all) {
          const is_held = held.some((each) => each.identity === identity);
          if (kind === 'find') {
            const block = pool.find(identity);
            assert.equal(block !== -1, is_held || kept.includes(identity));
            if (block === -1) continue;
            pool.hold(block);
            held.push({ block, identity });
            kept = kept.filter((each) => each !== identity);
          } else if (kind === 'take') {
            if (is_held || kept.includes(identity)) continue;
            const distinct = new Set(held.map(({ block }) => block)).size;
            const block = pool.take();
            assert.equal(block !== -1, distinct < size);
            if (block === -1) continue;
            if (distinct + kept.length === size) kept.shift();
            pool.name(block, identity);
            held.push({ block, identity });
          } else {
            const one = held.shift();
            if (one === undefined) continue;
            pool.release(one.block);
            if (!held.some(({ block }) => block === one.block)) kept.push(one.identity);
          }
          pool.audit();
          const distinct = new Set(held.map(({ block }) => block)).size;
          assert.equal(pool.free, size - distinct);
          assert.equal(pool.cached, kept.length + distinct);
        }
      }),
    );
  });

  it('takes the block without content before any with', () => {
    const pool = new BlockPool(2);
    const [first, second] = [pool.take(), pool.take()];
    pool.name(first, 7);
    pool.release(first);
    pool.release(second);
    pool.take();
    assert.equal(pool.find(7), first);
  });
});
