/**
 * Blocks of GPU memory by chained hashes, as vLLM keeps them: each block that is full has an identity, which tells it with
 * all that precedes it; one that nobody holds keeps what it has until its memory is needed.
 *
 *     held by 1 or more │ free, with content: least recently used first, tails of sequences before their heads │ empty
 */

import { IdentityTable } from './identity-table.ts';

/** What is kept of a block lies side by side; free blocks are a ring through the one past the last, the next to be taken first. */
const word_bits = 2;
const words = 2 ** word_bits;
const next_word = 0;
const previous_word = 1;
const holders_word = 2;
/** What the block has, or -1. */
const identity_word = 3;

export class BlockPool {
  readonly blocks: number;
  readonly #records: Int32Array;
  readonly #table = new IdentityTable();
  /** The record that the ring begins and ends at. */
  readonly #ring: number;
  #free: number;
  #filled = 0;
  /** The most that were held or had content. */
  most_filled = 0;

  constructor(blocks: number) {
    this.blocks = blocks;
    this.#ring = words * blocks;
    this.#records = new Int32Array(words * (blocks + 1));
    for (let block = 0; block <= blocks; block += 1) {
      const at = block << word_bits;
      this.#records[at + next_word] = block === blocks ? 0 : at + words;
      this.#records[at + previous_word] = block === 0 ? this.#ring : at - words;
      this.#records[at + identity_word] = -1;
    }
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

  /** Blocks that somebody holds. */
  get held(): number {
    return this.blocks - this.#free;
  }

  /** Blocks that are held or have content. */
  get filled(): number {
    return this.#filled;
  }

  /** The block that has it, or -1. */
  find(identity: number): number {
    return this.#table.find(identity);
  }

  holders(block: number): number {
    return this.#records[(block << word_bits) + holders_word]!;
  }

  /** One more holds the block. */
  hold(block: number): void {
    const at = block << word_bits;
    const holders = this.#records[at + holders_word]!;
    if (holders === 0) this.#unlink(at);
    this.#records[at + holders_word] = holders + 1;
  }

  /** An empty block with one holder; what was in it is lost. -1 where all are held. */
  take(): number {
    if (this.#free === 0) return -1;
    const records = this.#records;
    const at = records[this.#ring + next_word]!;
    this.#unlink(at);
    const identity = records[at + identity_word]!;
    if (identity !== -1) {
      this.#table.remove(identity);
      records[at + identity_word] = -1;
    } else if (++this.#filled > this.most_filled) this.most_filled = this.#filled;
    records[at + holders_word] = 1;
    return at >> word_bits;
  }

  /** The block has all its tokens from now on; where another has the same, that one is found. */
  name(block: number, identity: number): void {
    const at = (block << word_bits) + identity_word;
    const records = this.#records;
    if (records[at] !== -1 || !this.#table.add(identity, block)) return;
    records[at] = identity;
  }

  /** One less holds the block. */
  release(block: number): void {
    const at = block << word_bits;
    const records = this.#records;
    const holders = records[at + holders_word]!;
    if (holders === 0) throw new Error(`block ${block} was released, and nobody holds it`);
    records[at + holders_word] = holders - 1;
    if (holders > 1) return;
    // One without content is the first to be taken.
    const is_empty = records[at + identity_word] === -1;
    if (is_empty) this.#filled -= 1;
    this.#link(at, is_empty ? this.#ring : records[this.#ring + previous_word]!);
  }

  /** Recounts everything; throws where something does not add up. */
  audit(): void {
    const records = this.#records;
    let free = 0;
    for (let at = records[this.#ring]!; at !== this.#ring; at = records[at + next_word]!) {
      if (records[at + holders_word] !== 0)
        throw new Error(`audit: block ${at >> word_bits} is held and free`);
      free += 1;
    }
    let held = 0;
    let named = 0;
    for (let block = 0; block < this.blocks; block += 1) {
      if (this.holders(block) > 0) held += 1;
      const identity = records[(block << word_bits) + identity_word]!;
      if (identity === -1) continue;
      named += 1;
      if (this.#table.find(identity) !== block) throw new Error(`audit: block ${block} is lost`);
    }
    if (free !== this.#free || free + held !== this.blocks) {
      throw new Error(`audit: ${free} blocks are free and ${held} held, of ${this.blocks}`);
    }
    if (named !== this.#table.size) throw new Error('audit: the table has blocks without content');
  }

  #link(at: number, before: number): void {
    const records = this.#records;
    const after = records[before + next_word]!;
    records[before + next_word] = at;
    records[at + previous_word] = before;
    records[at + next_word] = after;
    records[after + previous_word] = at;
    this.#free += 1;
  }

  #unlink(at: number): void {
    const records = this.#records;
    const before = records[at + previous_word]!;
    const after = records[at + next_word]!;
    records[before + next_word] = after;
    records[after + previous_word] = before;
    this.#free -= 1;
  }
}
