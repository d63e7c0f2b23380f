/** Bytes that someone moved over the fabric: a process, or a node over its link. */

export type Direction = 'read' | 'write';

export interface Moved {
  readonly read_bytes: number;
  readonly write_bytes: number;
}

export class Traffic implements Moved {
  readonly #bytes: Record<Direction, number> = { read: 0, write: 0 };

  get read_bytes(): number {
    return this.#bytes.read;
  }

  get write_bytes(): number {
    return this.#bytes.write;
  }

  /** Told of all that is moved from now on. */
  watch: ((bytes: number, direction: Direction) => void) | undefined;

  add(bytes: number, direction: Direction): void {
    this.watch?.(bytes, direction);
    this.#bytes[direction] += bytes;
  }
}

/** Everyone who has the same bytes counted. */
export type Accounts = readonly Traffic[];
