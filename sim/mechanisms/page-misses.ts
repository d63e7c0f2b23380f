/** What one invocation misses of each page, before its first store and after it, and which lines of entries are walked. */

import { entries_per_line, type Invocation } from '../memory/invocation.ts';
import { entries_per_leaf } from '../units.ts';

export interface PageMisses {
  /** Missed lines, and of those the ones before the page's first store. */
  readonly lines: Float64Array;
  readonly before_store: Float64Array;
  readonly touched: Uint8Array;
  readonly written: Uint8Array;
  /** 1 for lines of page-table entries walked while their leaf, if attached, is not copied yet; 2 for those walked later. */
  readonly walked: Uint8Array;
}

/** Of pages that no cache holds. */
export function pageMisses(invocation: Invocation, slots: number): PageMisses {
  const { touches } = invocation;
  const lines = new Float64Array(slots);
  const before_store = new Float64Array(slots);
  const touched = new Uint8Array(slots);
  const written = new Uint8Array(slots);
  const walked = new Uint8Array(slots / entries_per_line);
  const leaf_written = new Uint8Array(slots / entries_per_leaf);
  for (const [index, touch] of touches.entries()) {
    const slot = touch >>> 1;
    const leaf = Math.floor(slot / entries_per_leaf);
    written[slot]! |= touch & 1;
    leaf_written[leaf]! |= touch & 1;
    if (typeof invocation.lines === 'number' && touched[slot]) continue;
    touched[slot] = 1;
    const missed =
      typeof invocation.lines === 'number' ? invocation.lines : invocation.lines[index]!;
    lines[slot]! += missed;
    if (!written[slot]) before_store[slot]! += missed;
    walked[Math.floor(slot / entries_per_line)] ||= leaf_written[leaf] ? 2 : 1;
  }
  return { lines, before_store, touched, written, walked };
}
