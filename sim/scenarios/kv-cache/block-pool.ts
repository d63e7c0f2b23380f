/**
 * Blocks of GPU memory by chained hashes, as vLLM keeps them: each block that is full has an identity, which tells it with
 * all that precedes it; one that nobody holds keeps what it has until its memory is needed.
 *
 *     held by 1 or more │ free, with content: least recently used first, tails of sequences before their heads │ empty
 */

import { IdentityTable } from './identity-table.ts';

export class BlockPool {
  readonly blocks: number;
  /** Who holds each block. */
  readonly #holders: Int32Array;
  /** What each block has, or -1. */
  readonly #identity: Float64Array;
  readonly #table: IdentityTable;
  /** Free blocks as a ring through `blocks`, which is no block: the next to be taken comes first. */
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  #free: number;
  /** Blocks that are held or have content, and the most there were. */
  #filled = 0;
  most_filled = 0;

  constructor(blocks: number) {
    this.blocks = blocks;
    this.#holders = new Int32Array(blocks);
    this.#identity = new Float64Array(blocks).fill(-1);
    this.#table = new IdentityTable(this.#identity);
    this.#next = Int32Array.from({ length: blocks + 1 }, (_, block) => (block + 1) % (blocks + 1));
    this.#previous = Int32Array.from({ length: blocks + 1 }, (_, block) =>
      block === 0 ? blocks : block - 1,
    );
    this.#free = blocks;
  }

  /** Blocks that nobody holds. */
  get free(): number {
    return this.#free;
  }

  /** Blocks that have content to be found. */
  get cached(): number {
    return this.#table.size;
  }

  find(identity: number): number | undefined {
    return this.#table.find(identity);
  }

  holders(block: number): number {
    return this.#holders[block]!;
  }

  /** One more holds the block. */
  hold(block: number): void {
    if (this.#holders[block]! === 0) this.#unlink(block);
    this.#holders[block] = this.#holders[block]! + 1;
  }

  /** An empty block with one holder; what was in it is lost. `undefined` where all are held. */
  take(): number | undefined {
    if (this.#free === 0) return undefined;
    const block = this.#next[this.blocks]!;
    this.#unlink(block);
    if (this.#identity[block] !== -1) this.#forget(block);
    else if (++this.#filled > this.most_filled) this.most_filled = this.#filled;
    this.#holders[block] = 1;
    return block;
  }

  /** The block has all its tokens from now on; where another has the same, that one is found. */
  name(block: number, identity: number): void {
    if (this.#identity[block] !== -1 || this.#table.find(identity) !== undefined) return;
    this.#identity[block] = identity;
    this.#table.add(block);
  }

  /** One less holds the block. */
  release(block: number): void {
    const holders = this.#holders[block]!;
    if (holders === 0) throw new Error(`block ${block} was released, and nobody holds it`);
    this.#holders[block] = holders - 1;
    if (holders > 1) return;
    // One without content is the first to be taken.
    const is_empty = this.#identity[block] === -1;
    if (is_empty) this.#filled -= 1;
    const before = is_empty ? this.blocks : this.#previous[this.blocks]!;
    this.#link(block, before);
  }

  /** Recounts everything; throws where something does not add up. */
  audit(): void {
    let free = 0;
    for (let block = this.#next[this.blocks]!; block !== this.blocks; block = this.#next[block]!) {
      if (this.#holders[block] !== 0) throw new Error(`audit: block ${block} is held and free`);
      free += 1;
    }
    const held = this.#holders.reduce((sum, holders) => sum + Number(holders > 0), 0);
    if (free !== this.#free || free + held !== this.blocks) {
      throw new Error(`audit: ${free} blocks are free and ${held} held, of ${this.blocks}`);
    }
    let named = 0;
    for (const [block, identity] of this.#identity.entries()) {
      if (identity === -1) continue;
      named += 1;
      if (this.#table.find(identity) !== block) throw new Error(`audit: block ${block} is lost`);
    }
    if (named !== this.#table.size) throw new Error('audit: the table has blocks without content');
  }

  #forget(block: number): void {
    this.#table.remove(block);
    this.#identity[block] = -1;
  }

  #link(block: number, before: number): void {
    const after = this.#next[before]!;
    this.#next[before] = block;
    this.#previous[block] = before;
    this.#next[block] = after;
    this.#previous[after] = block;
    this.#free += 1;
  }

  #unlink(block: number): void {
    const [before, after] = [this.#previous[block]!, this.#next[block]!];
    this.#next[before] = after;
    this.#previous[after] = before;
    this.#free -= 1;
  }
}
