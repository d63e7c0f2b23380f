/** Blocks of all edges of a tree, with their identities, one edge after the other; what went leaves gaps until all move. */

import { grown } from '../../grown.ts';

/** Gaps are not worth moving below. */
const least = 4096;

export class EdgeStore {
  #identities = new Int32Array(64);
  #blocks = new Int32Array(64);
  #end = 0;
  /** While all move: what they were. */
  #before: { readonly identities: Int32Array; readonly blocks: Int32Array } | undefined;
  /** Blocks that are not gone. */
  live = 0;

  /** Whether more is gaps than not. */
  get is_sparse(): boolean {
    return this.#end > least && 2 * this.live < this.#end;
  }

  identity(at: number): number {
    return this.#identities[at]!;
  }

  block(at: number): number {
    return this.#blocks[at]!;
  }

  /** Blocks `[from, to)` of a sequence; where they begin here. */
  add(identities: Int32Array, blocks: Int32Array, from: number, to: number): number {
    const begin = this.#end;
    this.#end += to - from;
    this.live += to - from;
    if (this.#end > this.#identities.length) {
      this.#identities = grown(this.#identities, this.#end);
      this.#blocks = grown(this.#blocks, this.#end);
    }
    for (let i = from; i < to; i += 1) {
      this.#identities[begin + i - from] = identities[i]!;
      this.#blocks[begin + i - from] = blocks[i]!;
    }
    return begin;
  }

  /**
   * How many of the `most` from `from` on are those of the sequence from `at` on, the first of which is; their blocks come
   * into `blocks`.
   */
  copySame(
    from: number,
    most: number,
    identities: Int32Array,
    blocks: Int32Array,
    at: number,
  ): number {
    const own = this.#identities;
    let same = 0;
    do {
      blocks[at + same] = this.#blocks[from + same]!;
      same += 1;
    } while (same < most && own[from + same] === identities[at + same]);
    return same;
  }

  drop(count: number): void {
    this.live -= count;
  }

  /** All move: each edge is told once, until `end`. */
  begin(): void {
    this.#before = { identities: this.#identities, blocks: this.#blocks };
    const room = Math.max(64, 2 * this.live);
    this.#identities = new Int32Array(room);
    this.#blocks = new Int32Array(room);
    this.#end = 0;
  }

  /** Where the edge begins now. */
  move(from: number, length: number): number {
    const { identities, blocks } = this.#before!;
    const begin = this.#end;
    this.#identities.set(identities.subarray(from, from + length), begin);
    this.#blocks.set(blocks.subarray(from, from + length), begin);
    this.#end += length;
    return begin;
  }

  end(): void {
    this.#before = undefined;
  }
}
