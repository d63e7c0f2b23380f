/** Which pages of a CXLfork child are hot, and how they come on access. */

import type { Activity } from '../engine/activity.ts';
import type { AddressSpace, PageOrigin } from '../memory/address-space.ts';
import { type Layout, marked_accessed, marked_hot, slotsOf } from '../memory/layout.ts';
import type { Machine } from '../memory/machine.ts';
import { deferred } from '../memory/page-table.ts';
import { PromotingThread } from '../memory/promotion.ts';
import { migrate_on_access, migrate_on_write } from '../placements.ts';
import { page_bytes, wholeNs } from '../units.ts';

/** What the mechanism's parameters say of it. */
export interface PromotionSettings {
  readonly promotion: string;
  readonly promotion_pages: number;
}

/**
 * 1 where a page is hot: it is to come on access, and was accessed before the checkpoint or marked. Where every page
 * is to come on access, leaves are not read at restore, so that nobody knows which are.
 */
export function hotPages({ marks }: Layout, placements: Uint8Array): Uint8Array | undefined {
  if (!placements.includes(migrate_on_write)) return undefined;
  return placements.map((placement, slot) =>
    placement === migrate_on_access && marks[slot]! & (marked_accessed | marked_hot) ? 1 : 0,
  );
}

/** Pages not local yet are read from CXL memory, one load stream a fault or a chunk of a promotion. */
export function cxlOrigin(
  machine: Machine,
  hot: Uint8Array | undefined,
  { promotion, promotion_pages }: PromotionSettings,
): PageOrigin {
  const { cxl } = machine.fabric;
  const single: PageOrigin = {
    frames: machine.cxl,
    fetch: ({ accounts }) => cxl.transfer(page_bytes, 'read', accounts),
  };
  if (hot === undefined || promotion === 'fault') return single;
  if (promotion === 'fault-around') {
    return { ...single, fetch: (space, slot) => fetchAround(space, slot, hot, promotion_pages) };
  }
  const asked_for = promotion === 'batch' ? 'range' : 'page';
  return { ...single, promotion: new PromotingThread(hot, asked_for, promotion_pages) };
}

/** The page and its hot neighbours within an aligned window, as `do_fault_around` has it, in one copy. */
function* fetchAround(
  space: AddressSpace,
  slot: number,
  hot: Uint8Array,
  window_pages: number,
): Activity {
  const { fabric, costs } = space.machine;
  const neighbours: number[] = [];
  const start = slot - (slot % window_pages);
  const end = Math.min(start + window_pages, slotsOf(space.layout));
  for (let next = start; hot[slot] === 1 && next < end; next += 1) {
    if (next !== slot && hot[next] === 1 && space.entry(next) & deferred) neighbours.push(next);
  }
  const bytes = (1 + neighbours.length) * page_bytes;
  yield* fabric.cxl.transfer(bytes, 'read', space.accounts);
  yield wholeNs(neighbours.length * costs.bulk_page_ns);
  for (const next of neighbours) space.copyHere(next);
}
