/** GPU memory of agents with adapters, as ForkKV has it: base blocks that all share, and residual blocks of each. */

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
  match: DualMatch;
  /** Residual blocks of the sequence that are in no tree. */
  readonly residual: number[];
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

  begin(sequence: Sequence, piece: number): Begun | undefined {
    const { trees } = this;
    const { block_tokens, residual_work } = this.#sizes;
    const most = Math.floor((sequence.known_tokens - 1) / block_tokens);
    const identities = this.#identities(sequence, most);
    const match = trees.match(identities, sequence.agent);
    const base = match.base_blocks.length;
    const own = sequence.agent === -1 ? base : Math.min(base, match.residual_blocks.length);
    // Residuals that lack are computed from what is there: as if so many tokens were computed anew.
    const again = Math.ceil((base - own) * block_tokens * residual_work);
    const found_tokens = base * block_tokens - again;
    trees.hold(match);
    const tokens = Math.min(sequence.known_tokens, found_tokens + piece);
    const blocks = Math.ceil(tokens / block_tokens);
    const residual = sequence.agent === -1 ? 0 : blocks - match.residual_blocks.length;
    if (!this.#fits(blocks - base, residual)) {
      trees.release(match);
      return undefined;
    }
    this.#held.set(sequence, { match, residual: [] });
    sequence.blocks.push(...match.base_blocks);
    return { found_tokens };
  }

  grow(sequence: Sequence, tokens: number): boolean {
    const { match, residual } = this.#held.get(sequence)!;
    const blocks = Math.ceil(tokens / this.#sizes.block_tokens);
    const base = Math.max(0, blocks - sequence.blocks.length);
    const there = match.residual_blocks.length + residual.length;
    const more = sequence.agent === -1 ? 0 : Math.max(0, blocks - there);
    if (!this.#fits(base, more)) return false;
    this.#makeRoom(base, more);
    for (let i = 0; i < base; i += 1) sequence.blocks.push(this.#next++);
    for (let i = 0; i < more; i += 1) residual.push(this.#next++);
    this.#base += base;
    this.#residual += more;
    this.most_blocks = Math.max(this.most_blocks, this.#used());
    this.most_residual_blocks = Math.max(this.most_residual_blocks, this.#residual);
    return true;
  }

  end(sequence: Sequence): void {
    const { match, residual } = this.#held.get(sequence)!;
    const { blocks, agent, scheduled_tokens } = sequence;
    const full = Math.min(blocks.length, Math.floor(scheduled_tokens / this.#sizes.block_tokens));
    const identities = this.#identities(sequence, full);
    const own = [...match.residual_blocks, ...residual];
    const whole = Math.min(full, own.length);
    this.trees.insert(identities, agent, blocks.slice(0, full), own.slice(0, whole));
    // What is not full is of no use to others; what was found stays where it is, also beyond what was computed since.
    this.#base -= blocks.length - Math.max(full, match.base_blocks.length);
    this.#residual -= own.length - Math.max(whole, match.residual_blocks.length);
    this.trees.release(match);
    this.#held.delete(sequence);
    blocks.length = 0;
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

  #used(): number {
    return this.#base + this.#residual * this.#sizes.residual_share;
  }

  /** Whether so many blocks have room beside what is held. */
  #fits(base: number, residual: number): boolean {
    const { residual_share, capacity_blocks } = this.#sizes;
    const { base: tree, residual: own } = this.trees;
    const idle = tree.size - tree.held + (own.size - own.held) * residual_share;
    const needed = Math.max(0, base) + Math.max(0, residual) * residual_share;
    return this.#used() - idle + needed <= capacity_blocks;
  }

  /** The tree whose least recently used leaf is older gives it up first. */
  #makeRoom(base: number, residual: number): void {
    const { residual_share, capacity_blocks } = this.#sizes;
    while (this.#used() + base + residual * residual_share > capacity_blocks) {
      const { base: tree, residual: own } = this.trees;
      const of_base = tree.oldest ?? Number.POSITIVE_INFINITY;
      const of_residual = own.oldest ?? Number.POSITIVE_INFINITY;
      const gone = of_base <= of_residual ? tree.evict(1) : own.evict(1);
      if (gone === 0) throw new Error('memory that was promised is not there');
    }
  }

  #identities(sequence: Sequence, blocks: number): number[] {
    const { block_tokens } = this.#sizes;
    return Array.from({ length: blocks }, (_, i) => sequence.identity(i, block_tokens));
  }
}
