/**
 * Page-table leaves in one flat array, and the bits of an entry.
 *
 *   slot (virtual page)  ──>>> 9──► leaf_base[leaf] ──+ (slot & 511)──► entries[…]
 *
 * Leaves of every process and checkpoint live in one `Leaves` array, so that an attached leaf is
 * the checkpoint's leaf itself: an accessed bit that a child sets is seen by the whole cluster.
 * Virtual pages are numbered without the gaps between 2 MiB ranges that hold no page at all.
 */

import { grown } from '../grown.ts';
import { entries_per_leaf } from '../units.ts';

/** The page is mapped; without it, `deferred` tells whether its first touch brings it in. */
export const present = 1;
export const writable = 2;
export const accessed = 4;
export const dirty = 8;
/** The frame lies in CXL memory (or, for a deferred page, is reached through it). */
export const in_cxl = 16;
/** Nothing is mapped until the page is touched; the frame named here, of checkpoint or parent, holds the content. */
export const deferred = 32;
/** The content is a file's page that the checkpoint left out; once present, it is page cache. */
export const in_file = 64;

/** The kernel mapped the page as already used, so that its first touch needs no accessed bit set. */
export const mapped_young = 128;

const frame_shift = 8;
/** Which leaf a slot lies in, and where in it. */
export const leaf_shift = Math.log2(entries_per_leaf);
export const leaf_mask = entries_per_leaf - 1;

/** Frames that an entry can name: 2^24 of 4 KiB, 64 GiB. */
export const frame_limit = 2 ** (32 - frame_shift);

export function entryOf(frame: number, bits: number): number {
  return ((frame << frame_shift) | bits) >>> 0;
}

export function frameOf(entry: number): number {
  return entry >>> frame_shift;
}

export function bitsOf(entry: number): number {
  return entry & ((1 << frame_shift) - 1);
}

/** Which leaf maps a slot. In bits, not by division: every page of every trial comes by here. */
export function leafOf(slot: number): number {
  return slot >>> leaf_shift;
}

/** Position of a slot's entry in its leaf. */
export function positionInLeaf(slot: number): number {
  return slot & (entries_per_leaf - 1);
}

/** First entry of the leaf that stands where a process has none: nothing is ever mapped in it. */
export const no_leaf = 0;

/** Owner of all leaves of a simulation; grows by doubling, so re-read `entries` after `allocate`. */
export class Leaves {
  entries = new Uint32Array(64 * entries_per_leaf);
  #used = 1;
  readonly #in_use = new Set<number>();
  readonly #free: number[] = [];

  /** Leaves handed out and not released. */
  get allocated(): number {
    return this.#in_use.size;
  }

  /** A zeroed leaf; returns the index of its first entry. */
  allocate(): number {
    const base = this.#free.pop() ?? this.#extend();
    this.#in_use.add(base);
    return base;
  }

  #extend(): number {
    const base = this.#used * entries_per_leaf;
    this.#used += 1;
    const end = base + entries_per_leaf;
    if (end > this.entries.length) this.entries = grown(this.entries, end);
    return base;
  }

  /** A new leaf with the same entries. */
  copy(base: number): number {
    const copied = this.allocate();
    this.entries.copyWithin(copied, base, base + entries_per_leaf);
    return copied;
  }

  release(base: number): void {
    if (!this.#in_use.delete(base)) throw new RangeError(`the leaf at ${base} is free`);
    this.entries.fill(0, base, base + entries_per_leaf);
    this.#free.push(base);
  }
}
