/** GPU memory in blocks that are found by chained hashes (vLLM's prefix cache), or by nobody but their own sequence. */

import { BlockPool } from './block-pool.ts';
import { blocksFor, fullBlocks } from './block-size.ts';
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

  get used_blocks(): number {
    return this.pool.held;
  }

  get filled_blocks(): number {
    return this.pool.filled;
  }

  begin(sequence: Sequence, piece: number): Begun | undefined {
    const found = this.find(sequence);
    if (!this.hasRoom(sequence, found * this.block_tokens + piece)) {
      sequence.block_count = 0;
      return undefined;
    }
    this.hold(sequence);
    return { found_tokens: found * this.block_tokens };
  }

  /** Whether there is room for so many tokens, or as many as it has, beside what was found of it. */
  hasRoom({ blocks, block_count, known_tokens }: Sequence, tokens: number, elsewhere = 0): boolean {
    // Blocks that are found and free are free no longer.
    let { free } = this.pool;
    for (let i = 0; i < block_count; i += 1) if (this.pool.holders(blocks[i]!) === 0) free -= 1;
    const all = blocksFor(Math.min(known_tokens, tokens), this.block_tokens);
    return all - block_count - elsewhere <= free;
  }

  /** Holds what was found of it. */
  hold({ blocks, block_count }: Sequence): void {
    for (let i = 0; i < block_count; i += 1) this.pool.hold(blocks[i]!);
  }

  /** Puts what is there of it into its blocks; its last known token is computed in any case, for the next to follow from. */
  find(sequence: Sequence): number {
    if (!this.#finds) return 0;
    const { pool, block_tokens } = this;
    const { blocks, identities } = sequence;
    const most = fullBlocks(sequence.known_tokens - 1, block_tokens);
    let found = 0;
    for (; found < most; found += 1) {
      const block = pool.find(identities[found]!);
      if (block === -1) break;
      blocks[found] = block;
    }
    sequence.block_count = found;
    return found;
  }

  grow(sequence: Sequence, tokens: number): boolean {
    const { pool, block_tokens } = this;
    const full = fullBlocks(tokens, block_tokens);
    const rest = tokens - full * block_tokens;
    const needed = full + Number(rest > 0) - sequence.block_count;
    if (needed > pool.free) return false;
    for (let i = 0; i < needed; i += 1) {
      sequence.blocks[sequence.block_count + i] = pool.take();
    }
    if (needed > 0) sequence.block_count += needed;
    // The next token is in a block that is there, or needs one.
    sequence.settled_tokens = rest === 0 ? tokens + 1 : (full + 1) * block_tokens;
    if (this.#finds) this.#name(sequence, full);
    return true;
  }

  /** Blocks can be found from when they are full on. */
  #name({ blocks, identities, scheduled_tokens }: Sequence, full: number): void {
    const { block_tokens, pool, onComputed } = this;
    if (scheduled_tokens >= full * block_tokens) return;
    for (let i = fullBlocks(scheduled_tokens, block_tokens); i < full; i += 1) {
      const identity = identities[i]!;
      pool.name(blocks[i]!, identity);
      onComputed?.(identity);
    }
  }

  /** Its last block is the first to be taken by others: without what precedes it, nobody finds it. */
  end(sequence: Sequence): void {
    const { blocks, block_count } = sequence;
    for (let i = block_count - 1; i >= 0; i -= 1) {
      if (blocks[i] !== elsewhere) this.pool.release(blocks[i]!);
    }
    sequence.block_count = 0;
    sequence.settled_tokens = 0;
  }

  audit(): void {
    this.pool.audit();
    if (this.pool.free !== this.pool.blocks) throw new Error('audit: a block is held by nobody');
  }
}
