/** The tight loop: touches that need no fault are counted and leave their A and D bits behind. */

import {
  accessed,
  dirty,
  in_cxl,
  leaf_mask,
  leaf_shift,
  mapped_young,
  present,
  writable,
} from './page-table.ts';

/** A touch packs the slot and whether it stores: `slot << 1 | store`. */
export function touchOf(slot: number, store: boolean): number {
  return (slot << 1) | (store ? 1 : 0);
}

/** Why and where a replay stopped, and what it went through. */
export interface Replayed {
  /** Index of the touch that faults, or the end if all went through. */
  next: number;
  /** Touches so far of pages in CXL memory. */
  cxl_touches: number;
  /** Touches so far that had to set an accessed bit on an entry that the kernel left old. */
  first_touches: number;
}

const loads_need = present;
const stores_need = present | writable;

/**
 * Replays `touches[from…end)` over the page table until one faults. Accessed bits are set in place,
 * also in attached leaves, as page walkers do; dirty bits only where the entry is writable.
 */
export function replay(
  entries: Uint32Array,
  leaf_base: Uint32Array,
  touches: Uint32Array,
  from: number,
  replayed: Replayed,
  end = touches.length,
): void {
  let cxl_touches = 0;
  let first_touches = 0;
  let index = from;
  for (; index < end; index += 1) {
    const touch = touches[index]!;
    const store = touch & 1;
    const slot = touch >>> 1;
    const position = leaf_base[slot >>> leaf_shift]! + (slot & leaf_mask);
    const entry = entries[position]!;
    const need = store === 0 ? loads_need : stores_need;
    if ((entry & need) !== need) break;
    const marked = entry | (store === 0 ? accessed : accessed | dirty);
    if (marked !== entry >> 0) {
      entries[position] = marked;
      if ((entry & (accessed | mapped_young)) === 0) first_touches += 1;
    }
    cxl_touches += (entry & in_cxl) >>> 4;
  }
  replayed.next = index;
  replayed.cxl_touches += cxl_touches;
  replayed.first_touches += first_touches;
}
