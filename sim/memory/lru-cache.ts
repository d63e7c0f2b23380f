/**
 * A processor's last-level cache as a fully associative LRU list over small integers (pages or
 * lines): which accesses hit, and which go to memory.
 *
 * Real caches are set-associative and hash addresses over their sets; for the footprints here,
 * far above one set, full associativity is the usual approximation.
 *
 *     newest ⇄ … ⇄ oldest, closed to a ring by one more node, numbered `keys`
 *     links: | newer, older | of key 0 | of key 1 | … | of the closing node |;  −1: not cached
 */

const absent = -1;

export class LruCache {
  readonly capacity: number;
  /** Keys lie in `[0, keys)`. */
  readonly keys: number;
  private readonly links: Int32Array;
  private count = 0;

  /** Capacity zero is no cache: every access misses. */
  constructor(capacity: number, keys: number) {
    if (!(Number.isSafeInteger(capacity) && capacity >= 0)) {
      throw new RangeError(
        `a cache of ${capacity} entries; a whole number of at least 0 is needed`,
      );
    }
    if (!(Number.isInteger(keys) && keys >= 0 && keys < 2 ** 30)) {
      throw new RangeError(`${keys} cache keys; a whole number from 0 to 2^30 - 1 is needed`);
    }
    this.capacity = capacity;
    this.keys = keys;
    this.links = new Int32Array(2 * (keys + 1));
    this.clear();
  }

  /** Keys that the cache holds now. */
  get size(): number {
    return this.count;
  }

  /** Forgets everything, as a fresh processor would. */
  clear(): void {
    this.links.fill(absent);
    this.links[2 * this.keys] = this.keys;
    this.links[2 * this.keys + 1] = this.keys;
    this.count = 0;
  }

  /** Whether an access would hit; changes nothing. */
  holds(key: number): boolean {
    return key >= 0 && key < this.keys && this.links[2 * key]! !== absent;
  }

  /** Makes the key the newest; true if the cache held it already. */
  access(key: number): boolean {
    if (!(key >= 0 && key < this.keys)) {
      throw new RangeError(`cache key ${key}; keys below ${this.keys} are known`);
    }
    const links = this.links;
    const ring = 2 * this.keys;
    const node = 2 * key;
    const newer = links[node]!;
    const hit = newer !== absent;
    if (hit) {
      // Unlinked from its place, to be linked in front again.
      const older = links[node + 1]!;
      links[2 * newer + 1] = older;
      links[2 * older] = newer;
    }
    const newest = links[ring + 1]!;
    links[node] = this.keys;
    links[node + 1] = newest;
    links[2 * newest] = key;
    links[ring + 1] = key;
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
      throw new RangeError(`${marks.length} marks for ${this.keys} cache keys; one each is needed`);
    }
    let misses = 0;
    let marked_misses = 0;
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i]!;
      if (this.access(key)) continue;
      misses++;
      if (marks[key] !== 0) marked_misses++;
    }
    return { misses, marked_misses };
  }

  private evict(): void {
    const links = this.links;
    const oldest = links[2 * this.keys]!;
    const newer = links[2 * oldest]!;
    links[2 * newer + 1] = this.keys;
    links[2 * this.keys] = newer;
    links[2 * oldest] = absent;
    this.count--;
  }
}
