/** How a process's pages lie in its address space: regions over numbered slots, holes included. */

import { entries_per_leaf } from '../units.ts';

/** What backs a page: private anonymous memory, or a private mapping of a file. */
export type PageKind = 'anonymous' | 'file';

/** The memory region a page belongs to, as far as a policy may know it. */
export type RegionName = 'heap' | 'stack' | 'library' | 'data' | 'other';

/** A run of slots with the same backing and rights: a VMA as far as the model needs it. */
export interface Region {
  readonly name: RegionName;
  readonly kind: PageKind;
  readonly writable: boolean;
  /** Slots `[start, end)`; pages of other regions may lie between. */
  readonly start: number;
  readonly end: number;
}

/** Marks of a page at checkpoint time. */
export const marked_accessed = 1;
export const marked_dirty = 2;
export const marked_hot = 4;

/** A hole: no page is resident in this slot. */
export const no_region = 255;

/** The layout of a warm process and the bits its pages would have at the checkpoint. */
export interface Layout {
  readonly regions: readonly Region[];
  /** Leaves that hold a page. */
  readonly leaf_count: number;
  /** Leaves that hold none yet, but pages that a child maps later: their slots come last. */
  readonly later_leaf_count: number;
  /** Per slot, later ones included: index into `regions`, or `no_region`. */
  readonly region_of: Uint8Array;
  /** Per slot: `marked_…` bits. */
  readonly marks: Uint8Array;
  readonly resident_pages: number;
  /** VMAs of the process; layouts group several of them into one region. */
  readonly vma_count: number;
  /** Slots whose page has no neighbour above in its own VMA, where addresses are known: the next slot lies elsewhere. */
  readonly ends?: ReadonlySet<number>;
}

/** Slots of the leaves that hold a page, holes included. */
export function slotsOf(layout: Layout): number {
  return layout.leaf_count * entries_per_leaf;
}

export interface RegionPages {
  readonly name: RegionName;
  readonly kind: PageKind;
  readonly writable: boolean;
  /** Marks of the region's pages in address order; all of them are resident. */
  readonly marks: Uint8Array;
}

/** Lays regions out one after the other; each starts in a leaf of its own, as distant VMAs do. */
export function layOut(parts: readonly RegionPages[], vma_count: number): Layout {
  const regions: Region[] = [];
  let slot = 0;
  for (const part of parts) {
    if (part.marks.length === 0) continue;
    const start = Math.ceil(slot / entries_per_leaf) * entries_per_leaf;
    const end = start + part.marks.length;
    regions.push({ name: part.name, kind: part.kind, writable: part.writable, start, end });
    slot = end;
  }
  const leaf_count = Math.ceil(slot / entries_per_leaf);
  const region_of = new Uint8Array(leaf_count * entries_per_leaf).fill(no_region);
  const marks = new Uint8Array(leaf_count * entries_per_leaf);
  let resident_pages = 0;
  const filled = parts.filter((part) => part.marks.length > 0);
  for (const [index, region] of regions.entries()) {
    region_of.fill(index, region.start, region.end);
    marks.set(filled[index]!.marks, region.start);
    resident_pages += region.end - region.start;
  }
  return { regions, leaf_count, later_leaf_count: 0, region_of, marks, resident_pages, vma_count };
}
