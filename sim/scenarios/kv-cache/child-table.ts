/** Children of nodes by their first identity: an open table with linear probing. What is taken out leaves no mark. */

const word_bits = 2;
const words = 2 ** word_bits;
/** Words of an entry: the parent, the first identity, the child plus one, of which 0 is none. */
const key_word = 1;
const child_word = 2;
const golden = 0x9e3779b1;

export class ChildTable {
  #entries = new Int32Array(words * 64);
  #mask = 63;
  #size = 0;

  /** -1 where there is none. */
  find(parent: number, key: number): number {
    const entries = this.#entries;
    for (let at = this.#home(parent, key); ; at = (at + 1) & this.#mask) {
      const from = at << word_bits;
      const child = entries[from + child_word]!;
      if (child === 0) return -1;
      if (entries[from] === parent && entries[from + key_word] === key) return child - 1;
    }
  }

  /** Also in place of another. */
  set(parent: number, key: number, child: number): void {
    if (2 * this.#size > this.#mask) this.#grow();
    const entries = this.#entries;
    let at = this.#home(parent, key);
    for (;;) {
      const from = at << word_bits;
      if (entries[from + child_word] === 0) break;
      if (entries[from] === parent && entries[from + key_word] === key) {
        entries[from + child_word] = child + 1;
        return;
      }
      at = (at + 1) & this.#mask;
    }
    this.#put(at, parent, key, child + 1);
    this.#size += 1;
  }

  /** It must be there. */
  remove(parent: number, key: number): void {
    const entries = this.#entries;
    const mask = this.#mask;
    let at = this.#home(parent, key);
    while (entries[at << word_bits] !== parent || entries[(at << word_bits) + key_word] !== key) {
      at = (at + 1) & mask;
    }
    for (let behind = (at + 1) & mask; ; behind = (behind + 1) & mask) {
      const from = behind << word_bits;
      const child = entries[from + child_word]!;
      if (child === 0) break;
      const home = this.#home(entries[from]!, entries[from + key_word]!);
      if (((behind - home) & mask) < ((behind - at) & mask)) continue;
      this.#put(at, entries[from]!, entries[from + key_word]!, child);
      at = behind;
    }
    this.#put(at, 0, 0, 0);
    this.#size -= 1;
  }

  #home(parent: number, key: number): number {
    const mixed = Math.imul(key ^ Math.imul(parent, golden), golden);
    return (mixed ^ (mixed >>> 15)) & this.#mask;
  }

  #put(at: number, parent: number, key: number, child: number): void {
    const from = at << word_bits;
    this.#entries[from] = parent;
    this.#entries[from + key_word] = key;
    this.#entries[from + child_word] = child;
  }

  #grow(): void {
    const before = this.#entries;
    this.#entries = new Int32Array(2 * before.length);
    this.#mask = 2 * this.#mask + 1;
    for (let from = 0; from < before.length; from += words) {
      const child = before[from + child_word]!;
      if (child === 0) continue;
      const parent = before[from]!;
      const key = before[from + key_word]!;
      let at = this.#home(parent, key);
      while (this.#entries[(at << word_bits) + child_word] !== 0) at = (at + 1) & this.#mask;
      this.#put(at, parent, key, child);
    }
  }
}
