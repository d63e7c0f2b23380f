/**
 * Leaves by when they were used: a binary heap, the least recently used first. Each is in it once, with the time from when it
 * came in or was last looked at; it may have been used since.
 */

import { grown } from '../../grown.ts';

export class LeafQueue {
  #leaves = new Int32Array(64);
  #used = new Float64Array(64);
  #size = 0;

  /** The first of them, or -1. */
  get first(): number {
    return this.#size === 0 ? -1 : this.#leaves[0]!;
  }

  /** When the first was used, as far as is known here. */
  get first_used(): number {
    return this.#used[0]!;
  }

  push(used: number, leaf: number): void {
    if (this.#size === this.#leaves.length) this.#grow();
    const leaves = this.#leaves;
    const times = this.#used;
    let at = this.#size++;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (times[above]! <= used) break;
      leaves[at] = leaves[above]!;
      times[at] = times[above]!;
      at = above;
    }
    leaves[at] = leaf;
    times[at] = used;
  }

  pop(): void {
    this.#size -= 1;
    if (this.#size > 0) this.#sink(this.#used[this.#size]!, this.#leaves[this.#size]!);
  }

  /** The first was used since, and is no longer the first. */
  postpone(used: number): void {
    this.#sink(used, this.#leaves[0]!);
  }

  #sink(used: number, leaf: number): void {
    const leaves = this.#leaves;
    const times = this.#used;
    const size = this.#size;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= size) break;
      if (below + 1 < size && times[below + 1]! < times[below]!) below += 1;
      if (times[below]! >= used) break;
      leaves[at] = leaves[below]!;
      times[at] = times[below]!;
      at = below;
    }
    leaves[at] = leaf;
    times[at] = used;
  }

  #grow(): void {
    this.#leaves = grown(this.#leaves, this.#size + 1);
    this.#used = grown(this.#used, this.#size + 1);
  }
}
