/** Blocks in a memory below the GPU's, by identity: the least recently used goes where there is no room, unless it is in use. */

export class BlockStore {
  readonly capacity: number;
  /** How often each was found, in the order of last use. */
  readonly #found = new Map<number, number>();
  readonly #users = new Map<number, number>();
  most_held = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get size(): number {
    return this.#found.size;
  }

  get in_use(): number {
    return this.#users.size;
  }

  has(identity: number): boolean {
    return this.#found.has(identity);
  }

  /** How often it was found so far. */
  found(identity: number): number {
    return this.#found.get(identity)!;
  }

  touch(identity: number): void {
    const before = this.#found.get(identity)!;
    this.#found.delete(identity);
    this.#found.set(identity, before + 1);
  }

  /** Puts a block in; what had to go for it, nothing where there was room; the block itself where there is none. */
  put(identity: number): number | undefined {
    if (this.#found.has(identity)) {
      this.touch(identity);
      return undefined;
    }
    const gone = this.#found.size < this.capacity ? undefined : this.#oldest();
    if (gone === undefined && this.#found.size >= this.capacity) return identity;
    if (gone !== undefined) this.#found.delete(gone);
    this.#found.set(identity, 0);
    this.most_held = Math.max(this.most_held, this.#found.size);
    return gone;
  }

  /** Somebody reads it where it is, and it stays until that ends. */
  use(identity: number): void {
    this.#users.set(identity, (this.#users.get(identity) ?? 0) + 1);
  }

  leave(identity: number): void {
    const users = this.#users.get(identity);
    if (users === undefined)
      throw new Error(`block ${identity} is left by somebody who does not use it`);
    if (users === 1) this.#users.delete(identity);
    else this.#users.set(identity, users - 1);
  }

  #oldest(): number | undefined {
    for (const identity of this.#found.keys()) if (!this.#users.has(identity)) return identity;
    return undefined;
  }
}
