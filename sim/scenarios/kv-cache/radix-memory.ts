/** GPU memory in blocks that are found in a radix tree, as SGLang has it: what a sequence has comes into the tree when it ends. */

import { blocksFor, fullBlocks } from './block-size.ts';
import type { Begun, KvMemory } from './kv-memory.ts';
import { RadixTree } from './radix-tree.ts';
import type { Sequence } from './sequence.ts';

export class RadixMemory implements KvMemory {
  readonly tree: RadixTree;
  readonly block_tokens: number;
  readonly #blocks: number;
  /** A stack. */
  readonly #free: Int32Array;
  #free_count: number;
  /** The end in the tree of what was found of each sequence. */
  readonly #held = new Map<Sequence, number>();
  /** Blocks of sequences that are not in the tree. */
  #own = 0;
  most_blocks = 0;

  constructor(blocks: number, block_tokens: number) {
    this.#blocks = blocks;
    this.block_tokens = block_tokens;
    this.#free = Int32Array.from({ length: blocks }, (_, index) => blocks - 1 - index);
    this.#free_count = blocks;
    this.tree = new RadixTree((block) => this.#give(block));
  }

  get used_blocks(): number {
    return this.#own + this.tree.held;
  }

  get filled_blocks(): number {
    return this.#own + this.tree.size;
  }

  begin(sequence: Sequence, piece: number): Begun | undefined {
    const { block_tokens, tree } = this;
    const { identities, blocks, known_tokens } = sequence;
    const most = fullBlocks(known_tokens - 1, block_tokens);
    const node = tree.match(identities, most, blocks);
    const found = tree.depth(node);
    tree.hold(node);
    const tokens = Math.min(known_tokens, found * block_tokens + piece);
    if (blocksFor(tokens, block_tokens) - found > this.#room) {
      tree.release(node);
      return undefined;
    }
    this.#held.set(sequence, node);
    sequence.block_count = found;
    return { found_tokens: found * block_tokens };
  }

  grow(sequence: Sequence, tokens: number): boolean {
    const all = blocksFor(tokens, this.block_tokens);
    const needed = all - sequence.block_count;
    if (needed > this.#room) return false;
    while (this.#free_count < needed) this.tree.evict(needed - this.#free_count);
    for (let i = 0; i < needed; i += 1) {
      this.#free_count -= 1;
      sequence.blocks[sequence.block_count++] = this.#free[this.#free_count]!;
    }
    sequence.settled_tokens = all * this.block_tokens + 1;
    this.#own += Math.max(0, needed);
    this.most_blocks = Math.max(this.most_blocks, this.filled_blocks);
    return true;
  }

  /** Full blocks go into the tree; the rest is of no use to others. */
  end(sequence: Sequence): void {
    const { tree, block_tokens } = this;
    const { identities, blocks, block_count, scheduled_tokens } = sequence;
    const node = this.#held.get(sequence)!;
    this.#own -= block_count - tree.depth(node);
    const full = Math.min(block_count, fullBlocks(scheduled_tokens, block_tokens));
    tree.insert(identities, full, blocks);
    for (let i = full; i < block_count; i += 1) this.#give(blocks[i]!);
    tree.release(node);
    this.#held.delete(sequence);
    sequence.block_count = 0;
    sequence.settled_tokens = 0;
  }

  audit(): void {
    this.tree.audit();
    const { size, held } = this.tree;
    if (held === 0 && this.#own === 0 && this.#free_count + size === this.#blocks) return;
    throw new Error(
      `audit: of ${this.#blocks} blocks ${this.#free_count} are free, ${size} in the tree, ${held} of them held`,
    );
  }

  /** Blocks that are free, or can be. */
  get #room(): number {
    return this.#free_count + this.tree.size - this.tree.held;
  }

  #give(block: number): void {
    this.#free[this.#free_count++] = block;
  }
}
