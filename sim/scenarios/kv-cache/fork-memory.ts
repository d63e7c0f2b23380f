/** GPU memory of agents with adapters, as ForkKV has it: base blocks that all share, and residual blocks of each. */

import { blocksFor, fullBlocks } from './block-size.ts';
import { type DualMatch, DualRadixTree } from './dual-radix-tree.ts';
import type { Begun, KvMemory } from './kv-memory.ts';
import type { Sequence } from './sequence.ts';

export interface ForkSizes {
  readonly block_tokens: number;
  /** Memory in all, in base blocks, and a residual block as a share of a base block. */
  readonly capacity_blocks: number;
  readonly residual_share: number;
  /** Work of a token whose base is there and whose residual is not, as a share of that of one which has neither. */
  readonly residual_work: number;
}

interface Held {
  readonly match: DualMatch;
  /** Residual blocks of the sequence, those that were found first. */
  readonly residual: Int32Array;
  residual_count: number;
}

export class ForkMemory implements KvMemory {
  readonly trees: DualRadixTree;
  readonly #sizes: ForkSizes;
  readonly #held = new Map<Sequence, Held>();
  #next = 0;
  /** Blocks anywhere, of each kind. */
  #base = 0;
  #residual = 0;
  most_blocks = 0;
  most_residual_blocks = 0;

  constructor(sizes: ForkSizes) {
    this.#sizes = sizes;
    this.trees = new DualRadixTree(
      () => {
        this.#base -= 1;
      },
      () => {
        this.#residual -= 1;
      },
    );
  }

  get used_blocks(): number {
    const { residual_share } = this.#sizes;
    const { base, residual } = this.trees;
    const idle = base.size - base.held + (residual.size - residual.held) * residual_share;
    return this.filled_blocks - idle;
  }

  get filled_blocks(): number {
    return this.#base + this.#residual * this.#sizes.residual_share;
  }

  begin(sequence: Sequence, piece: number): Begun | undefined {
    const { trees } = this;
    const { block_tokens, residual_work } = this.#sizes;
    const { identities, blocks: base_blocks, agent } = sequence;
    const most = fullBlocks(sequence.known_tokens - 1, block_tokens);
    const residual = new Int32Array(agent === -1 ? 0 : identities.length);
    const match = trees.match(identities, most, agent, base_blocks, residual);
    const { base_count, residual_count } = match;
    const own = agent === -1 ? base_count : Math.min(base_count, residual_count);
    // Residuals that lack are computed from what is there: as if so many tokens were computed anew.
    const again = Math.ceil((base_count - own) * block_tokens * residual_work) | 0;
    const found_tokens = base_count * block_tokens - again;
    trees.hold(match);
    const tokens = Math.min(sequence.known_tokens, found_tokens + piece);
    const blocks = blocksFor(tokens, block_tokens);
    const more = agent === -1 ? 0 : blocks - residual_count;
    if (!this.#fits(blocks - base_count, more)) {
      trees.release(match);
      return undefined;
    }
    this.#held.set(sequence, { match, residual, residual_count });
    sequence.block_count = base_count;
    return { found_tokens };
  }

  grow(sequence: Sequence, tokens: number): boolean {
    const held = this.#held.get(sequence)!;
    const { block_tokens } = this.#sizes;
    const blocks = blocksFor(tokens, block_tokens);
    const base = Math.max(0, blocks - sequence.block_count);
    const more = sequence.agent === -1 ? 0 : Math.max(0, blocks - held.residual_count);
    if (!this.#fits(base, more)) return false;
    this.#makeRoom(base, more);
    for (let i = 0; i < base; i += 1) sequence.blocks[sequence.block_count++] = this.#next++;
    for (let i = 0; i < more; i += 1) held.residual[held.residual_count++] = this.#next++;
    sequence.settled_tokens = blocks * block_tokens + 1;
    this.#base += base;
    this.#residual += more;
    this.most_blocks = Math.max(this.most_blocks, this.filled_blocks);
    this.most_residual_blocks = Math.max(this.most_residual_blocks, this.#residual);
    return true;
  }

  end(sequence: Sequence): void {
    const { match, residual, residual_count } = this.#held.get(sequence)!;
    const { identities, blocks, block_count, agent, scheduled_tokens } = sequence;
    const full = Math.min(block_count, fullBlocks(scheduled_tokens, this.#sizes.block_tokens));
    const whole = Math.min(full, residual_count);
    this.trees.insert(identities, agent, blocks, full, residual, whole);
    // What is not full is of no use to others; what was found stays where it is, also beyond what was computed since.
    this.#base -= block_count - Math.max(full, match.base_count);
    this.#residual -= residual_count - Math.max(whole, match.residual_count);
    this.trees.release(match);
    this.#held.delete(sequence);
    sequence.block_count = 0;
    sequence.settled_tokens = 0;
  }

  audit(): void {
    this.trees.audit();
    const { base, residual } = this.trees;
    if (base.held > 0 || residual.held > 0) throw new Error('audit: blocks are held by nobody');
    if (base.size !== this.#base) {
      throw new Error(`audit: ${this.#base} base blocks, of which the tree has ${base.size}`);
    }
    if (residual.size !== this.#residual) {
      throw new Error(
        `audit: ${this.#residual} residual blocks, of which the tree has ${residual.size}`,
      );
    }
  }

  /** Whether so many blocks have room beside what is held. */
  #fits(base: number, residual: number): boolean {
    const { residual_share, capacity_blocks } = this.#sizes;
    const needed = Math.max(0, base) + Math.max(0, residual) * residual_share;
    return this.used_blocks + needed <= capacity_blocks;
  }

  /** The tree whose least recently used leaf is older gives it up first. */
  #makeRoom(base: number, residual: number): void {
    const { residual_share, capacity_blocks } = this.#sizes;
    while (this.filled_blocks + base + residual * residual_share > capacity_blocks) {
      const { base: tree, residual: own } = this.trees;
      const of_base = tree.oldest ?? Number.POSITIVE_INFINITY;
      const of_residual = own.oldest ?? Number.POSITIVE_INFINITY;
      const gone = of_base <= of_residual ? tree.evict(1) : own.evict(1);
      if (gone === 0) throw new Error('memory that was promised is not there');
    }
  }
}
