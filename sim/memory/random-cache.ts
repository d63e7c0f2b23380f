/** A last-level cache of whole pages that evicts at random, as hashed, pseudo-LRU caches tend to. */

import { grown } from '../grown.ts';
import { type RandomStream, randomStream } from '../random.ts';

/**
 * Under a cyclic scan of n pages that exceeds its c frames, LRU misses always; random replacement
 * misses the share m with m = 1 − exp(−m·n/c).
 */
export class RandomCache {
  readonly #held: Uint32Array;
  #used = 0;
  /** 1 for each key that is cached; in bytes, since every touch of every trial reads one. */
  #cached = new Uint8Array(1024);
  readonly #random: RandomStream;

  constructor(capacity_pages: number, seed: number) {
    this.#held = new Uint32Array(capacity_pages);
    this.#random = randomStream(seed, 'last-level cache');
  }

  /** Whether the page was cached; it is afterwards, unless the cache has no room for any. */
  access(key: number): boolean {
    if (key >= this.#cached.length) this.#cached = grown(this.#cached, key + 1);
    if (this.#cached[key] !== 0) return true;
    if (this.#held.length === 0) return false;
    let at = this.#used;
    if (at < this.#held.length) {
      this.#used += 1;
    } else {
      at = this.#random.integer(this.#held.length);
      this.#cached[this.#held[at]!] = 0;
    }
    this.#held[at] = key;
    this.#cached[key] = 1;
    return false;
  }
}
