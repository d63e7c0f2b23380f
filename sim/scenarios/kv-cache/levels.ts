/**
 * Memories below those of GPUs. What is computed goes into the first of its host at once, from there down as room lacks, and
 * up again when it is found:
 *
 *     GPU 0 ─ link ─ DRAM 0 ─┐                    ┌─ NVMe 0
 *                            ├─ CXL, of all hosts ┤
 *     GPU 1 ─ link ─ DRAM 1 ─┘                    └─ NVMe 1
 */

import type { BlockStore } from './block-store.ts';
import type { Link } from './link.ts';

export type LevelName = 'dram' | 'peer' | 'cxl' | 'nvme';

/** A link, or several that a transfer goes over at once. */
export type Way = Pick<Link, 'read' | 'write'>;

export class Level {
  readonly name: LevelName;
  readonly store: BlockStore;
  /** Absent where it is as fast as the GPU's own link. */
  readonly link: Way | undefined;
  /** Tokens that were found here. */
  found_tokens = 0;

  /** Levels of several hosts may be one store. */
  constructor(name: LevelName, store: BlockStore, link?: Way) {
    this.name = name;
    this.store = store;
    this.link = link;
  }
}

export class Levels {
  /** From the fastest on. */
  readonly all: readonly Level[];
  /** Those that what is computed here goes into. */
  readonly #own: readonly Level[];
  /** Between the GPU and its host. */
  readonly gpu_link: Link;
  readonly #block_bytes: number;

  constructor(all: readonly Level[], own: readonly Level[], gpu_link: Link, block_bytes: number) {
    this.all = all;
    this.#own = own;
    this.gpu_link = gpu_link;
    this.#block_bytes = block_bytes;
  }

  /** Which is the fastest that has it, or -1. */
  find(identity: number): number {
    for (let level = 0; level < this.all.length; level += 1) {
      if (this.all[level]!.store.has(identity)) return level;
    }
    return -1;
  }

  /** A block was computed. */
  put(now_ns: number, identity: number): void {
    if (this.find(identity) !== -1) return;
    this.gpu_link.write(now_ns, this.#block_bytes);
    let falling: number | undefined = identity;
    for (const { store, link } of this.#own) {
      const gone = store.put(falling);
      if (gone === falling) continue;
      link?.write(now_ns, this.#block_bytes);
      if (gone === undefined) return;
      falling = gone;
    }
  }

  /** When so many blocks of a level are in GPU memory. */
  load(now_ns: number, level: Level, blocks: number): number {
    const bytes = blocks * this.#block_bytes;
    return Math.max(this.gpu_link.read(now_ns, bytes), level.link?.read(now_ns, bytes) ?? 0);
  }
}
