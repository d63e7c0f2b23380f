/** Moving single pages of a running child between its checkpoint and local memory, outside faults. */

import type { Activity } from '../engine/activity.ts';
import { entries_per_leaf, page_bytes } from '../units.ts';
import type { AddressSpace } from './address-space.ts';
import {
  backed,
  bitsOf,
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

/** Copies the page to local memory and remaps it; nothing happens to a page that is local. */
export function* promote(space: AddressSpace, slot: number): Activity {
  const entry = space.entry(slot);
  if (isLocal(entry) || (entry & (present | backed)) === 0) return;
  yield* space.ownLeaf(Math.floor(slot / entries_per_leaf));
  yield* space.machine.fabric.cxl.transfer(page_bytes, 'read');
  if (entry & present) yield Math.round(space.machine.costs.tlb_shootdown_ns);
  space.copyHere(slot);
}

/**
 * Drops a clean local copy: the checkpoint still holds the page in `checkpoint_frame`, so only the
 * entry changes and the TLB is told. Throws if the copy was written or is not the child's alone.
 */
export function* demote(space: AddressSpace, slot: number, checkpoint_frame: number): Activity {
  const entry = space.entry(slot);
  const frame = frameOf(entry);
  if (!isLocal(entry) || entry & dirty || space.frames.sharers(frame) !== 1) {
    throw new RangeError(`the page at slot ${slot} is no clean local copy`);
  }
  yield Math.round(space.machine.costs.tlb_shootdown_ns);
  space.frames.release(frame);
  space.setEntry(slot, entryOf(checkpoint_frame, (bitsOf(entry) & ~writable) | present | in_cxl));
}
