/**
 * Blocks by what they have: an open table with linear probing over the identities that the pool keeps, since a map of numbers
 * beyond 2^31 costs ten times as much. What is taken out leaves no mark: entries behind it that were driven there move back.
 */

const golden = 0x9e3779b1;
const of_high_word = 2 ** -32;

export class IdentityTable {
  readonly #identities: Float64Array;
  /** Blocks plus one; 0 is none. */
  readonly #entries: Int32Array;
  readonly #mask: number;
  size = 0;

  /** `identities` has that of each block that is in the table. */
  constructor(identities: Float64Array) {
    this.#identities = identities;
    let length = 4;
    while (length < 2 * identities.length) length *= 2;
    this.#entries = new Int32Array(length);
    this.#mask = length - 1;
  }

  find(identity: number): number | undefined {
    const entries = this.#entries;
    const identities = this.#identities;
    for (let at = this.#home(identity); ; at = (at + 1) & this.#mask) {
      const entry = entries[at]!;
      if (entry === 0) return undefined;
      if (identities[entry - 1] === identity) return entry - 1;
    }
  }

  /** Its identity must be there already, and no other block have it. */
  add(block: number): void {
    const entries = this.#entries;
    let at = this.#home(this.#identities[block]!);
    while (entries[at] !== 0) at = (at + 1) & this.#mask;
    entries[at] = block + 1;
    this.size += 1;
  }

  /** Its identity must still be there. */
  remove(block: number): void {
    const entries = this.#entries;
    const mask = this.#mask;
    let at = this.#home(this.#identities[block]!);
    while (entries[at] !== block + 1) at = (at + 1) & mask;
    for (let behind = (at + 1) & mask; entries[behind] !== 0; behind = (behind + 1) & mask) {
      const home = this.#home(this.#identities[entries[behind]! - 1]!);
      if (((behind - home) & mask) < ((behind - at) & mask)) continue;
      entries[at] = entries[behind]!;
      at = behind;
    }
    entries[at] = 0;
    this.size -= 1;
  }

  #home(identity: number): number {
    const high = (identity * of_high_word) | 0;
    const mixed = Math.imul((identity | 0) ^ Math.imul(high, golden), golden);
    return (mixed ^ (mixed >>> 15)) & this.#mask;
  }
}
