/** Moving single pages of a running child between its checkpoint and local memory, outside faults. */

import type { Activity } from '../engine/activity.ts';
import { entries_per_leaf, page_bytes, wholeNs } from '../units.ts';
import type { AddressSpace } from './address-space.ts';
import { arrived } from './brought-pages.ts';
import {
  bitsOf,
  deferred,
  dirty,
  entryOf,
  frameOf,
  in_cxl,
  present,
  writable,
} from './page-table.ts';

/** Whether the page has a local copy. */
export function isLocal(entry: number): boolean {
  return (entry & present) !== 0 && (entry & in_cxl) === 0;
}

/**
 * Copies the page to local memory and remaps it, at the cost of a migration in a fault but for the trap: kernel
 * work, TLB coherence where the page was mapped, and the copy over the link. Whether it moved: a page that is
 * local stays.
 */
export function* promote(space: AddressSpace, slot: number): Activity<boolean> {
  const entry = space.entry(slot);
  const { costs, fabric } = space.machine;
  if (isLocal(entry) || (entry & (present | deferred)) === 0) return false;
  const coming = space.prefetched.get(slot);
  if (coming) {
    if (!coming.landed.fired) yield coming.landed;
    arrived(space, slot);
    return false;
  }
  yield* space.unshareLeaf(Math.floor(slot / entries_per_leaf));
  yield wholeNs(costs.tick_page_ns + (entry & present ? costs.tlb_shootdown_ns : 0));
  yield* fabric.cxl.transfer(page_bytes, 'read', space.accounts);
  space.copyHere(slot);
  return true;
}

/**
 * Drops a clean local copy: the checkpoint still holds the page in `checkpoint_frame`, so nothing is
 * copied: kernel work, and the TLB is told. Throws if the copy was written or is not the child's alone.
 */
export function* demote(space: AddressSpace, slot: number, checkpoint_frame: number): Activity {
  const entry = space.entry(slot);
  const frame = frameOf(entry);
  if (!isLocal(entry) || entry & dirty || space.frames.sharers(frame) !== 1) {
    throw new RangeError(`the page at slot ${slot} is no clean local copy`);
  }
  const { tick_page_ns, tlb_shootdown_ns } = space.machine.costs;
  yield wholeNs(tick_page_ns + tlb_shootdown_ns);
  space.frames.release(frame);
  space.setEntry(slot, entryOf(checkpoint_frame, (bitsOf(entry) & ~writable) | present | in_cxl));
}
