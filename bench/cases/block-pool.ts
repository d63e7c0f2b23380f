/**
 * Blocks of KV caches: sequences find their trunk's blocks or take them, take blocks of their own, and give all back. Against
 * the same by the same rules in C.
 */

import { BlockPool } from '../../sim/scenarios/kv-cache/block-pool.ts';
import { compile } from '../c-program.ts';
import { type Baseline, type Comparison, type Timing, time } from '../comparison.ts';
import { xorshift } from '../random.ts';

const trunks = 1000;
const trunk_blocks = 64;
const sequence_blocks = 96;
const in_flight = 100;
const blocks = 100_000;
const sequences = 60_000;
const operations = sequences * sequence_blocks;

/** The blocks of one sequence, whose own begin at `own`; what was found, and the sum of the blocks. A function by itself, to be optimised. */
function begin(held: BlockPool, taken: Int32Array, trunk: number, own: number): number {
  let sum = 0;
  for (let k = 0; k < sequence_blocks; k += 1) {
    const identity = k < trunk_blocks ? trunk * trunk_blocks + k : own + k - trunk_blocks;
    let block = k < trunk_blocks ? held.find(identity) : -1;
    if (block !== -1) {
      held.hold(block);
      sum += 1;
    } else {
      block = held.take();
      held.name(block, identity);
    }
    taken[k] = block;
    sum += block;
  }
  return sum;
}

function end(held: BlockPool, taken: Int32Array): void {
  for (let k = sequence_blocks - 1; k >= 0; k -= 1) held.release(taken[k]!);
}

function pool(): Timing {
  const held = new BlockPool(blocks);
  const random = xorshift();
  const flight = Array.from({ length: in_flight }, () => new Int32Array(sequence_blocks));
  return time(operations, () => {
    let sum = 0;
    let own = trunks * trunk_blocks;
    for (let i = 0; i < sequences; i += 1) {
      const taken = flight[i % in_flight]!;
      const trunk = random() % trunks;
      if (i >= in_flight) end(held, taken);
      sum += begin(held, taken, trunk, own);
      own += sequence_blocks - trunk_blocks;
    }
    return sum;
  });
}

const program = compile('block-pool.c');

function inC(): Baseline {
  const name = 'the same in C';
  if ('missing' in program) return { name, missing: program.missing };
  const run = () => {
    const [cpu_ns, checksum] = program
      .run(String(blocks), String(sequences))
      .split(' ')
      .map(Number);
    return { operations, cpu_ns: cpu_ns!, checksum: checksum! };
  };
  return { name, run };
}

export default [
  {
    name: `${blocks} blocks, sequences of ${sequence_blocks}`,
    operations: 'blocks',
    run: pool,
    baseline: inC(),
    target_ratio: 0.4,
  },
] satisfies Comparison[];
