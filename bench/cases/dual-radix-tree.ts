/**
 * ForkKV's two radix trees, of a million nodes each, under agents that fork: each sequence is matched, held, put in, and
 * released when others have come; some are forked; what is too much goes. Against the same by the same rules in C; and how
 * the cost of a block grows with the length of sequences.
 */

import { type DualMatch, DualRadixTree } from '../../sim/scenarios/kv-cache/dual-radix-tree.ts';
import { compile } from '../c-program.ts';
import { type Baseline, type Comparison, type Growth, type Timing, time } from '../comparison.ts';
import { xorshift } from '../random.ts';

const trunks = 1000;
const trunk_blocks = 8;
const turns = 32;
const turn_blocks = 4;
const agents = 8;
const in_flight = 64;
const forked_each = 4;
const prompt_blocks = trunk_blocks + turn_blocks;
const length = prompt_blocks + 1;

const sequences = 1_150_000;
const base_blocks = 1_120_000;
const residual_blocks = 1_900_000;

/** Blocks that are free are taken again, the last to be given back first. */
class Blocks {
  readonly #free: Int32Array;
  #free_count = 0;
  #next = 0;

  constructor(most: number) {
    this.#free = new Int32Array(most);
  }

  take(): number {
    return this.#free_count > 0 ? this.#free[--this.#free_count]! : this.#next++;
  }

  readonly give = (block: number): void => {
    this.#free[this.#free_count++] = block;
  };
}

/** Two trees, what is in flight of them, and the sequence that comes next. */
class Agents {
  readonly #base = new Blocks(base_blocks + length);
  readonly #residual = new Blocks(residual_blocks + length);
  readonly trees = new DualRadixTree(this.#base.give, this.#residual.give);
  readonly #identities = new Int32Array(length);
  readonly #own_base = new Int32Array(length);
  readonly #own_residual = new Int32Array(length);
  readonly #flight: DualMatch[] = [];
  #own = trunks * (trunk_blocks + turns * turn_blocks);

  /** What was found of the sequence, and which blocks are its last. */
  play(index: number, trunk: number, turn: number, agent: number): number {
    const identities = this.#identities;
    const own_base = this.#own_base;
    const own_residual = this.#own_residual;
    const { trees } = this;
    this.#name(trunk, turn);
    let match = trees.match(identities, prompt_blocks, agent, own_base, own_residual);
    const { base_count, residual_count } = match;
    if (index >= in_flight) trees.release(this.#flight[index % in_flight]!);
    trees.hold(match);
    for (let k = base_count; k < length; k += 1) own_base[k] = this.#base.take();
    for (let k = residual_count; k < length; k += 1) own_residual[k] = this.#residual.take();
    trees.insert(identities, agent, own_base, length, own_residual, length);
    if (index % forked_each === 0) {
      // The child holds it from here on.
      const child = trees.fork(match, (agent + 1) % agents);
      trees.release(match);
      match = child;
    }
    this.#flight[index % in_flight] = match;
    return (
      base_count + 3 * residual_count + own_base[prompt_blocks]! + own_residual[prompt_blocks]!
    );
  }

  /** How many blocks went. */
  evict(): number {
    const { base, residual } = this.trees;
    let gone = 0;
    while (base.size > base_blocks) gone += base.evict(base.size - base_blocks);
    while (residual.size > residual_blocks) gone += residual.evict(residual.size - residual_blocks);
    return gone;
  }

  #name(trunk: number, turn: number): void {
    const identities = this.#identities;
    const of_turn = trunks * trunk_blocks + (trunk * turns + turn) * turn_blocks;
    for (let k = 0; k < trunk_blocks; k += 1) identities[k] = trunk * trunk_blocks + k;
    for (let k = 0; k < turn_blocks; k += 1) identities[trunk_blocks + k] = of_turn + k;
    identities[prompt_blocks] = this.#own++;
  }
}

function fork(): Timing {
  const all = new Agents();
  const random = xorshift();
  return time(sequences, () => {
    let sum = 0;
    for (let i = 0; i < sequences; i += 1) {
      const trunk = random() % trunks;
      const turn = random() % turns;
      sum += all.play(i, trunk, turn, random() % agents) + all.evict();
    }
    const { base, residual } = all.trees;
    return sum + base.nodes + residual.nodes + base.held + residual.held;
  });
}

const program = compile('dual-radix-tree.c');

function inC(): Baseline {
  const name = 'the same in C';
  if ('missing' in program) return { name, missing: program.missing };
  const run = () => {
    const [cpu_ns, checksum, nodes] = program
      .run(String(sequences), String(base_blocks), String(residual_blocks))
      .split(' ')
      .map(Number);
    if (nodes! < 1e6) throw new Error(`a tree has ${nodes} nodes, and not a million`);
    return { operations: sequences, cpu_ns: cpu_ns!, checksum: checksum! };
  };
  return { name, run };
}

export default [
  {
    name: `${sequences} sequences, two trees of a million nodes`,
    operations: 'sequences',
    run: fork,
    baseline: inC(),
    target_ratio: 0.4,
  },
] satisfies Comparison[];

const grown_sequences = 400;

/**
 * As many sequences of each length, half of each what others have, and each matched, held, put in, released and driven out;
 * the time is of one of them.
 */
function long(blocks: number): Timing {
  const trees = new DualRadixTree(
    () => {},
    () => {},
  );
  const [identities, base, residual] = [0, 0, 0].map(() => new Int32Array(blocks)) as [
    Int32Array,
    Int32Array,
    Int32Array,
  ];
  const { cpu_ns } = time(grown_sequences, () => {
    let own = blocks;
    for (let i = 0; i < grown_sequences; i += 1) {
      for (let k = 0; k < blocks; k += 1) identities[k] = 2 * k < blocks ? k : own++;
      base.fill(i);
      residual.fill(i);
      const match = trees.match(identities, blocks, i % agents, base, residual);
      trees.hold(match);
      trees.insert(identities, i % agents, base, blocks, residual, blocks);
      trees.release(match);
      while (trees.base.size > 4 * blocks) trees.base.evict(blocks);
      while (trees.residual.size > 4 * blocks) trees.residual.evict(blocks);
    }
    return undefined;
  });
  return { operations: blocks, cpu_ns: cpu_ns / grown_sequences };
}

export const growths: readonly Growth[] = [
  {
    name: 'sequences by their length',
    operations: 'blocks',
    sizes: [256, 2048, 16_384],
    run: long,
  },
];
