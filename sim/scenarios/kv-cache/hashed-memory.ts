/** GPU memory in blocks that are found by chained hashes (vLLM's prefix cache), or by nobody but their own sequence. */

import { BlockPool } from './block-pool.ts';
import type { Begun, KvMemory } from './kv-memory.ts';
import type { Sequence } from './sequence.ts';

/** Stands for a block that lies outside GPU memory, and is read there. */
export const elsewhere = -1;

export class HashedMemory implements KvMemory {
  readonly pool: BlockPool;
  readonly block_tokens: number;
  readonly #finds: boolean;
  /** Told of each block that is full. */
  onComputed: ((identity: number) => void) | undefined;

  /** With `finds`, sequences share blocks. */
  constructor(blocks: number, block_tokens: number, finds: boolean) {
    this.pool = new BlockPool(blocks);
    this.block_tokens = block_tokens;
    this.#finds = finds;
  }

  get most_blocks(): number {
    return this.pool.most_filled;
  }

  begin(sequence: Sequence, piece: number): Begun | undefined {
    const found = this.find(sequence);
    if (!this.hasRoom(sequence, found * this.block_tokens + piece)) {
      sequence.blocks.length = 0;
      return undefined;
    }
    for (const block of sequence.blocks) this.pool.hold(block);
    return { found_tokens: found * this.block_tokens };
  }

  /** Whether there is room for so many tokens, or as many as it has, beside what was found of it. */
  hasRoom({ blocks, known_tokens }: Sequence, tokens: number, elsewhere = 0): boolean {
    // Blocks that are found and free are free no longer.
    let free = this.pool.free;
    for (const block of blocks) if (this.pool.holders(block) === 0) free -= 1;
    const all = Math.ceil(Math.min(known_tokens, tokens) / this.block_tokens);
    return all - blocks.length - elsewhere <= free;
  }

  /** Puts what is there of it into its blocks; its last known token is computed in any case, for the next to follow from. */
  find(sequence: Sequence): number {
    if (!this.#finds) return 0;
    const { pool, block_tokens } = this;
    const { blocks } = sequence;
    const most = Math.floor((sequence.known_tokens - 1) / block_tokens);
    for (let i = 0; i < most; i += 1) {
      const block = pool.find(sequence.identity(i, block_tokens));
      if (block === undefined) return i;
      blocks.push(block);
    }
    return most;
  }

  grow(sequence: Sequence, tokens: number): boolean {
    const { pool, block_tokens } = this;
    const { blocks } = sequence;
    const needed = Math.ceil(tokens / block_tokens) - blocks.length;
    if (needed > pool.free) return false;
    for (let i = 0; i < needed; i += 1) blocks.push(pool.take()!);
    if (!this.#finds) return true;
    const full = Math.floor(tokens / block_tokens);
    for (let i = Math.floor(sequence.scheduled_tokens / block_tokens); i < full; i += 1) {
      const identity = sequence.identity(i, block_tokens);
      pool.name(blocks[i]!, identity);
      this.onComputed?.(identity);
    }
    return true;
  }

  /** Its last block is the first to be taken by others: without what precedes it, nobody finds it. */
  end({ blocks }: Sequence): void {
    for (let i = blocks.length - 1; i >= 0; i -= 1) {
      if (blocks[i] !== elsewhere) this.pool.release(blocks[i]!);
    }
    blocks.length = 0;
  }

  audit(): void {
    this.pool.audit();
    if (this.pool.free !== this.pool.blocks) throw new Error('audit: a block is held by nobody');
  }
}
