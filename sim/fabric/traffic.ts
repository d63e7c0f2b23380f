/** Bytes that someone moved over the fabric: a process, or a node over its link. */

export type Direction = 'read' | 'write';

export class Traffic {
  readonly #bytes: Record<Direction, number> = { read: 0, write: 0 };

  get read_bytes(): number {
    return this.#bytes.read;
  }

  get write_bytes(): number {
    return this.#bytes.write;
  }

  add(bytes: number, direction: Direction): void {
    this.#bytes[direction] += bytes;
  }
}

/** Everyone who has the same bytes counted. */
export type Accounts = readonly Traffic[];
