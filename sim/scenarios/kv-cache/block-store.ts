/** Blocks in a memory below the GPU's, by identity: the least recently used goes where there is no room, unless it is in use. */

import { grown } from '../../grown.ts';
import { IdentityTable } from './identity-table.ts';

/** What is kept of a block lies side by side. Those that are there are a ring in the order of last use, through place 0. */
const word_bits = 3;
const words = 2 ** word_bits;
const next_word = 0;
const previous_word = 1;
const identity_word = 2;
/** How often it was found, and how many read it where it is. */
const found_word = 3;
const users_word = 4;

export class BlockStore {
  readonly capacity: number;
  readonly #table = new IdentityTable();
  #records = new Int32Array(words * 64);
  /** Places that were taken so far, the ring's own among them, and those that were given back. */
  #places = 1;
  readonly #free_places: number[] = [];
  #in_use = 0;
  most_held = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get size(): number {
    return this.#table.size;
  }

  get in_use(): number {
    return this.#in_use;
  }

  has(identity: number): boolean {
    return this.#table.find(identity) !== -1;
  }

  /** How often it was found so far. */
  found(identity: number): number {
    return this.#records[this.#at(identity) + found_word]!;
  }

  touch(identity: number): void {
    const at = this.#at(identity);
    this.#records[at + found_word]! += 1;
    this.#unlink(at);
    this.#append(at);
  }

  /** Puts a block in; what had to go for it, nothing where there was room; the block itself where there is none. */
  put(identity: number): number | undefined {
    if (this.has(identity)) {
      this.touch(identity);
      return undefined;
    }
    let gone: number | undefined;
    if (this.size >= this.capacity) {
      gone = this.#dropOldest();
      if (gone === undefined) return identity;
    }
    const place = this.#free_places.pop() ?? this.#places++;
    const at = place << word_bits;
    if (at >= this.#records.length) this.#records = grown(this.#records, at + words);
    this.#records[at + identity_word] = identity;
    this.#records[at + found_word] = 0;
    this.#append(at);
    this.#table.add(identity, place);
    if (this.size > this.most_held) this.most_held = this.size;
    return gone;
  }

  /** Somebody reads it where it is, and it stays until that ends. */
  use(identity: number): void {
    const at = this.#at(identity) + users_word;
    if (this.#records[at]! === 0) this.#in_use += 1;
    this.#records[at]! += 1;
  }

  leave(identity: number): void {
    const at = this.#at(identity) + users_word;
    const users = this.#records[at]!;
    if (users === 0) throw new Error(`block ${identity} is left by somebody who does not use it`);
    this.#records[at] = users - 1;
    if (users === 1) this.#in_use -= 1;
  }

  #at(identity: number): number {
    const place = this.#table.find(identity);
    if (place === -1) throw new Error(`block ${identity} is not there`);
    return place << word_bits;
  }

  #dropOldest(): number | undefined {
    const records = this.#records;
    let at = records[next_word]!;
    while (at !== 0 && records[at + users_word]! > 0) at = records[at + next_word]!;
    if (at === 0) return undefined;
    const identity = records[at + identity_word]!;
    this.#unlink(at);
    this.#table.remove(identity);
    this.#free_places.push(at >> word_bits);
    return identity;
  }

  #append(at: number): void {
    const records = this.#records;
    const last = records[previous_word]!;
    records[last + next_word] = at;
    records[at + previous_word] = last;
    records[at + next_word] = 0;
    records[previous_word] = at;
  }

  #unlink(at: number): void {
    const records = this.#records;
    const before = records[at + previous_word]!;
    const after = records[at + next_word]!;
    records[before + next_word] = after;
    records[after + previous_word] = before;
  }
}
