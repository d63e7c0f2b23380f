/** GPU memory in blocks that are found by chained hashes (vLLM's prefix cache), or by nobody but their own sequence. */

import { BlockPool } from './block-pool.ts';
import type { KvMemory } from './kv-memory.ts';
import type { Sequence } from './sequence.ts';

export class HashedMemory implements KvMemory {
  readonly pool: BlockPool;
  readonly block_tokens: number;
  readonly #finds: boolean;

  /** With `finds`, sequences share blocks. */
  constructor(blocks: number, block_tokens: number, finds: boolean) {
    this.pool = new BlockPool(blocks);
    this.block_tokens = block_tokens;
    this.#finds = finds;
  }

  get capacity_tokens(): number {
    return this.pool.blocks * this.block_tokens;
  }

  get held_tokens(): number {
    return (this.pool.blocks - this.pool.free) * this.block_tokens;
  }

  get cached_tokens(): number {
    return this.pool.cached * this.block_tokens;
  }

  begin(sequence: Sequence, piece: number): number | undefined {
    const { pool, block_tokens } = this;
    const { blocks } = sequence;
    const found = this.#finds ? this.#find(sequence) : 0;
    const tokens = Math.min(sequence.known_tokens, found * block_tokens + piece);
    // Blocks that are found and free are free no longer.
    let free = pool.free;
    for (let i = 0; i < found; i += 1) if (pool.holders(blocks[i]!) === 0) free -= 1;
    if (Math.ceil(tokens / block_tokens) - found > free) {
      blocks.length = 0;
      return undefined;
    }
    for (const block of blocks) pool.hold(block);
    return found * block_tokens;
  }

  /** Puts what is there of it into its blocks; its last known token is computed in any case, for the next to follow from. */
  #find(sequence: Sequence): number {
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
      pool.name(blocks[i]!, sequence.identity(i, block_tokens));
    }
    return true;
  }

  /** Its last block is the first to be taken by others: without what precedes it, nobody finds it. */
  end({ blocks }: Sequence): void {
    for (let i = blocks.length - 1; i >= 0; i -= 1) this.pool.release(blocks[i]!);
    blocks.length = 0;
  }

  audit(): void {
    this.pool.audit();
    if (this.pool.free !== this.pool.blocks) throw new Error('audit: a block is held by nobody');
  }
}
