/** Memory of a node, as instances take and give it back: whole bytes, none twice. */

export class NodeMemory {
  readonly capacity_bytes: number;
  #held_bytes = 0;

  constructor(capacity_bytes: number) {
    this.capacity_bytes = capacity_bytes;
  }

  get held_bytes(): number {
    return this.#held_bytes;
  }

  get free_bytes(): number {
    return this.capacity_bytes - this.#held_bytes;
  }

  /** Whether there was room: if not, nothing is taken. */
  take(bytes: number): boolean {
    if (bytes > this.free_bytes) return false;
    this.#held_bytes += bytes;
    return true;
  }

  giveBack(bytes: number): void {
    if (bytes > this.#held_bytes) {
      throw new RangeError(`${bytes} bytes given back of ${this.#held_bytes} held`);
    }
    this.#held_bytes -= bytes;
  }
}
