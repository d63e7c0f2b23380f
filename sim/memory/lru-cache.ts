/**
 * A processor's last-level cache as a fully associative LRU list over small integers (pages or
 * lines): which accesses hit, and which go to memory.
 *
 * Real caches are set-associative and hash addresses over their sets; for the footprints here,
 * far above one set, full associativity is the usual approximation.
 *
 *     newest ⇄ … ⇄ oldest, closed to a ring by one more node, node 0; key k is node k + 1
 *     links: | newer, older | of the closing node | of key 0 | of key 1 | …;  −1: not cached
 */

const absent = -1;
const most_keys = 2 ** 30;

export class LruCache {
  readonly capacity: number;
  private links: Int32Array;
  private count = 0;

  /** Capacity zero is no cache: every access misses. Room is made for `keys` keys, and for more when they come. */
  constructor(capacity: number, keys = 0) {
    if (!(Number.isSafeInteger(capacity) && capacity >= 0)) {
      throw new RangeError(`a cache of ${capacity} entries; expected a whole number of at least 0`);
    }
    if (!(Number.isInteger(keys) && keys >= 0 && keys < most_keys)) {
      throw new RangeError(`${keys} cache keys; expected a whole number from 0 to 2^30 - 1`);
    }
    this.capacity = capacity;
    this.links = new Int32Array(2 * (keys + 1));
    this.clear();
  }

  /** Keys below this one are known; a greater one makes room for itself. */
  get keys(): number {
    return this.links.length / 2 - 1;
  }

  /** Keys that the cache holds now. */
  get size(): number {
    return this.count;
  }

  /** Forgets everything, as a fresh processor would. */
  clear(): void {
    this.links.fill(absent);
    this.links[0] = 0;
    this.links[1] = 0;
    this.count = 0;
  }

  /** Whether an access would hit; changes nothing. */
  holds(key: number): boolean {
    return key >= 0 && key < this.keys && this.links[2 * (key + 1)]! !== absent;
  }

  /** Makes the key the newest; true if the cache held it already. */
  access(key: number): boolean {
    if (!(key >= 0 && 2 * (key + 1) < this.links.length)) this.grow(key);
    const links = this.links;
    const number = key + 1;
    const node = 2 * number;
    const newer = links[node]!;
    const hit = newer !== absent;
    if (hit) {
      // Unlinked from its place, to be linked in front again.
      const older = links[node + 1]!;
      links[2 * newer + 1] = older;
      links[2 * older] = newer;
    }
    const newest = links[1]!;
    links[node] = 0;
    links[node + 1] = newest;
    links[2 * newest] = number;
    links[1] = number;
    if (!hit && ++this.count > this.capacity) this.evict();
    return hit;
  }

  /** Accesses the keys in order; how many missed. */
  replay(keys: Uint32Array): number {
    let misses = 0;
    for (let i = 0; i < keys.length; i++) if (!this.access(keys[i]!)) misses++;
    return misses;
  }

  /** As `replay`, and counts by themselves the misses of keys whose mark is not zero. */
  replayMarked(keys: Uint32Array, marks: Uint8Array): { misses: number; marked_misses: number } {
    if (marks.length < this.keys) {
      throw new RangeError(`${marks.length} marks for ${this.keys} cache keys; expected one each`);
    }
    let misses = 0;
    let marked_misses = 0;
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i]!;
      if (this.access(key)) continue;
      misses++;
      if ((marks[key] ?? 0) !== 0) marked_misses++;
    }
    return { misses, marked_misses };
  }

  private evict(): void {
    const links = this.links;
    const oldest = links[0]!;
    const newer = links[2 * oldest]!;
    links[2 * newer + 1] = 0;
    links[0] = newer;
    links[2 * oldest] = absent;
    this.count--;
  }

  /** Frames are handed out as they are needed: nobody knows beforehand how high their numbers go. */
  private grow(key: number): void {
    if (!(Number.isInteger(key) && key >= 0 && key < most_keys)) {
      throw new RangeError(`cache key ${key}; expected a whole number from 0 to 2^30 - 1`);
    }
    const grown = new Int32Array(2 * Math.max(key + 2, Math.min(2 * this.keys, most_keys)));
    grown.fill(absent, this.links.length);
    grown.set(this.links);
    this.links = grown;
  }
}
