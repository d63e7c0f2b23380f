/** Checkpoints by the function that they are of, in CXL memory: which there are, and which give way to others. */

import type { Fork } from './start.ts';

export interface StoredCheckpoint {
  readonly of: number;
  /** The node whose parent its children need; absent where it outlives its parent. */
  readonly parent_node: number | undefined;
  readonly cxl_bytes: number;
  readonly parent_bytes: number;
  readonly since_ns: number;
  used_ns: number;
  /** Instances that were made of it and are there. */
  children: number;
  gone: boolean;
}

export class CheckpointStore {
  readonly #capacity_bytes: number;
  readonly #onGone: (stored: StoredCheckpoint) => void;
  readonly #giveWay: (stored: StoredCheckpoint) => void;
  readonly #stored: StoredCheckpoint[] = [];
  #held_bytes = 0;
  #reclaimed = 0;

  /** `onGone` is told of each that goes, for whatever reason; `giveWay` removes one, with the parent that stayed for it. */
  constructor(
    capacity_bytes: number,
    onGone: (stored: StoredCheckpoint) => void,
    giveWay: (stored: StoredCheckpoint) => void,
  ) {
    this.#capacity_bytes = capacity_bytes;
    this.#onGone = onGone;
    this.#giveWay = giveWay;
  }

  get held_bytes(): number {
    return this.#held_bytes;
  }

  /** Checkpoints that gave way. */
  get reclaimed(): number {
    return this.#reclaimed;
  }

  get all(): readonly StoredCheckpoint[] {
    return this.#stored;
  }

  /** What an instance on the node can be made of. */
  find(of: number, node: number, { reach }: Fork): StoredCheckpoint | undefined {
    return this.#stored.find(
      (each) => each.of === of && (reach === 'any-node' || each.parent_node === node),
    );
  }

  /** Nothing where no room can be made: what children lean on stays. */
  add(of: number, node: number, fork: Fork, now_ns: number): StoredCheckpoint | undefined {
    const { cxl_bytes, parent_bytes, reach } = fork;
    if (!this.#makeRoom(cxl_bytes)) return undefined;
    const stored: StoredCheckpoint = {
      of,
      parent_node: reach === 'own-node' || parent_bytes > 0 ? node : undefined,
      cxl_bytes,
      parent_bytes,
      since_ns: now_ns,
      used_ns: now_ns,
      children: 0,
      gone: false,
    };
    this.#held_bytes += cxl_bytes;
    this.#stored.push(stored);
    return stored;
  }

  remove(stored: StoredCheckpoint): void {
    this.#stored.splice(this.#stored.indexOf(stored), 1);
    this.#held_bytes -= stored.cxl_bytes;
    stored.gone = true;
    this.#onGone(stored);
  }

  /** The least recently used without children go first. */
  #makeRoom(bytes: number): boolean {
    const unused = this.#stored.filter(
      ({ children, cxl_bytes }) => children === 0 && cxl_bytes > 0,
    );
    const most = unused.reduce((sum, { cxl_bytes }) => sum + cxl_bytes, 0);
    const free = this.#capacity_bytes - this.#held_bytes;
    if (bytes > free + most) return false;
    unused.sort((a, b) => a.used_ns - b.used_ns || a.of - b.of);
    for (const each of unused) {
      if (this.#held_bytes + bytes <= this.#capacity_bytes) break;
      this.#giveWay(each);
      this.#reclaimed += 1;
    }
    return true;
  }
}
