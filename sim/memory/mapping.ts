/** Pages that a running child maps anew, and ranges that it gives back. */

import type { Activity } from '../engine/activity.ts';
import { entries_per_leaf } from '../units.ts';
import type { AddressSpace } from './address-space.ts';
import {
  accessed,
  dirty,
  entryOf,
  frameOf,
  in_cxl,
  in_file,
  no_leaf,
  present,
  writable,
} from './page-table.ts';

/** What an invocation does to the address space at one place of its touches. */
export interface MappingChange {
  /** Index of the touch that it precedes. */
  readonly before: number;
  /** `[start, end)`; a new page is one slot, and a longer range lies within one leaf. */
  readonly start: number;
  readonly end: number;
  /** `leaf`: no page comes or goes, but entries may change, so that an attached leaf is unshared. */
  readonly kind: 'anonymous' | 'file' | 'unmap' | 'leaf';
  /** Whether a range given back leaves its leaf without any mapping: the leaf then goes with its last page. */
  readonly leaf_goes?: boolean;
}

export function* change(
  space: AddressSpace,
  { start, end, kind, leaf_goes = false }: MappingChange,
): Activity {
  if (kind === 'leaf') yield* space.unshareLeaf(Math.floor(start / entries_per_leaf));
  else if (kind === 'unmap') yield* unmap(space, start, end, leaf_goes);
  else yield* mapPage(space, start, kind === 'file');
}

/**
 * The first touch of a page that the checkpoint does not have: a minor fault. An entry appears, so
 * that an attached leaf is unshared first, and where no leaf was, the process gets one.
 */
export function* mapPage(space: AddressSpace, slot: number, file: boolean): Activity {
  const leaf = Math.floor(slot / entries_per_leaf);
  yield* space.unshareLeaf(leaf);
  if (space.leaf_base[leaf] === no_leaf) space.leaf_base[leaf] = space.machine.leaves.allocate();
  if (space.entry(slot) !== 0) throw new RangeError(`slot ${slot} holds a page already`);
  yield* space.newMemory(1, 1);
  const frame = space.frames.allocate(space.machine.newContent());
  // Dirty whatever was stored, since no checkpoint holds it: a tick may not take it for a clean copy.
  const bits = present | accessed | dirty | (file ? in_file : writable);
  space.setEntry(slot, entryOf(frame, bits));
}

/**
 * Gives back the slots `[start, end)` of one leaf, which is unshared first if it is attached. Linux frees the leaf
 * where no mapping is left in its range (`free_pgtables`), and keeps it, empty or not, where one is.
 */
export function* unmap(
  space: AddressSpace,
  start: number,
  end: number,
  leaf_goes: boolean,
): Activity {
  const leaf = Math.floor(start / entries_per_leaf);
  yield* space.unshareLeaf(leaf);
  if (space.leaf_base[leaf] === no_leaf) return;
  for (let slot = start; slot < end; slot += 1) {
    const entry = space.entry(slot);
    if ((entry & (present | in_cxl)) === present) space.frames.release(frameOf(entry));
    const prefetched = space.prefetched.get(slot);
    if (prefetched) {
      space.prefetched.delete(slot);
      space.frames.release(prefetched.frame);
    }
    space.setEntry(slot, 0);
  }
  const base = space.leaf_base[leaf]!;
  const { entries } = space.machine.leaves;
  if (!leaf_goes) return;
  if (entries.subarray(base, base + entries_per_leaf).some((entry) => entry !== 0)) return;
  space.machine.leaves.release(base);
  space.leaf_base[leaf] = no_leaf;
}
