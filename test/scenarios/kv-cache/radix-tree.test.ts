/** Laws of the radix tree, held against every prefix by itself. */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { RadixTree } from '../../../sim/scenarios/kv-cache/radix-tree.ts';
import { Prefixes } from './prefixes.ts';

/** Few identities, so that sequences part late and often. */
const sequences = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 7 });
const actions = fc.array(
  fc.record({
    kind: fc.constantFrom('insert', 'match', 'hold', 'release', 'evict'),
    sequence: sequences,
  }),
  { maxLength: 60 },
);

function insert(tree: RadixTree, sequence: readonly number[], blocks: readonly number[]): number {
  return tree.insert(Int32Array.from(sequence), sequence.length, Int32Array.from(blocks));
}

function match(tree: RadixTree, sequence: readonly number[]) {
  const blocks = new Int32Array(sequence.length);
  const node = tree.match(Int32Array.from(sequence), sequence.length, blocks);
  return { node, blocks: [...blocks.subarray(0, tree.depth(node))] };
}

describe('a radix tree of blocks', () => {
  it('finds, holds and lets go what a list of all prefixes does', () => {
    fc.assert(
      fc.property(actions, (all) => {
        let blocks = 0;
        const gone: number[] = [];
        const tree = new RadixTree((block) => gone.push(block));
        const prefixes = new Prefixes();
        const held: { node: number; sequence: readonly number[]; length: number }[] = [];
        for (const { kind, sequence } of all) {
          if (kind === 'insert') {
            insert(
              tree,
              sequence,
              sequence.map(() => blocks++),
            );
            prefixes.insert(sequence);
          } else if (kind === 'match') {
            assert.equal(match(tree, sequence).blocks.length, prefixes.match(sequence));
          } else if (kind === 'hold') {
            const { node, blocks: there } = match(tree, sequence);
            assert.equal(there.length, prefixes.match(sequence));
            tree.hold(node);
            prefixes.hold(sequence, there.length, 1);
            held.push({ node, sequence, length: there.length });
          } else if (kind === 'release') {
            const one = held.shift();
            if (one === undefined) continue;
            tree.release(one.node);
            prefixes.hold(one.sequence, one.length, -1);
          } else assert.equal(tree.evict(1) === 1, prefixes.evict());
          tree.audit();
          assert.equal(tree.size, prefixes.size);
          assert.equal(tree.held, prefixes.held);
        }
        assert.equal(new Set(gone).size, gone.length, 'no block goes twice');
        assert.equal(gone.length + tree.size, blocks, 'each block is in the tree or gone');
      }),
    );
  });

  it('gives the blocks that were put in, as one sequence put them or several', () => {
    const tree = new RadixTree(() => {});
    insert(tree, [7, 8, 9], [70, 80, 90]);
    insert(tree, [7, 8, 1], [71, 81, 11]);
    assert.deepEqual(match(tree, [7, 8, 1, 5]).blocks, [70, 80, 11]);
    assert.deepEqual(match(tree, [7, 8, 9]).blocks, [70, 80, 90]);
  });

  it('has what was last put in after many came and went, and lets the oldest go first', () => {
    const gone: number[] = [];
    const tree = new RadixTree((block) => gone.push(block));
    const most = 2000;
    const length = 12;
    const sequenceOf = (i: number) =>
      Array.from({ length }, (_, k) => (k < 4 ? (i % 7) * 10 + k : 100 + i * length + k));
    let blocks = 0;
    for (let i = 0; i < 3000; i += 1) {
      insert(
        tree,
        sequenceOf(i),
        Array.from({ length }, () => blocks++),
      );
      while (tree.size > most) assert.ok(tree.evict(length) > 0);
    }
    tree.audit();
    assert.equal(gone.length + tree.size, blocks);
    assert.equal(match(tree, sequenceOf(2999)).blocks.length, length);
    // Four of each trunk of the seven, and what only the youngest have.
    const young = Math.floor((most - 7 * 4) / (length - 4));
    assert.equal(match(tree, sequenceOf(3000 - young)).blocks.length, length);
    assert.equal(match(tree, sequenceOf(0)).blocks.length, 4);
  });
});
