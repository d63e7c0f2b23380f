/** What a process holds of its node. */

import { entries_per_leaf, page_bytes } from '../units.ts';
import type { AddressSpace } from './address-space.ts';
import { frameOf, in_cxl, in_file, no_leaf, present } from './page-table.ts';

/**
 * Bytes on the child's node that only this process holds: pages and page-table leaves. Pages
 * read from a file are the node's page cache, whoever maps them.
 */
export function localBytes(space: AddressSpace): number {
  const { entries } = space.machine.leaves;
  const { frames } = space;
  let pages = space.anonymous.length + space.prefetched.size;
  let leaves = 0;
  for (let leaf = 0; leaf < space.leaf_base.length; leaf += 1) {
    const base = space.leaf_base[leaf]!;
    if (space.leaf_attached[leaf] || base === no_leaf) continue;
    leaves += 1;
    for (let position = base; position < base + entries_per_leaf; position += 1) {
      const entry = entries[position]!;
      const own = (entry & (present | in_cxl | in_file)) === present;
      if (own && frames.sharers(frameOf(entry)) === 1) pages += 1;
    }
  }
  return (pages + leaves) * page_bytes;
}
