/**
 * Page-table leaves of a CXLfork child: attached where they lie in CXL memory, or built locally by what a policy
 * places where.
 */

import type { Activity } from '../engine/activity.ts';
import type { AddressSpace } from '../memory/address-space.ts';
import { type Layout, marked_accessed, no_region } from '../memory/layout.ts';
import type { Machine } from '../memory/machine.ts';
import {
  accessed,
  deferred,
  entryOf,
  in_cxl,
  mapped_young,
  present,
} from '../memory/page-table.ts';
import { hole, migrate_now, migrate_on_access, migrate_on_write } from '../placements.ts';
import { entries_per_leaf, page_bytes, wholeNs } from '../units.ts';
import type { PageCopies } from './checkpoint-copy.ts';

/** What the mechanism's parameters say of them. */
export interface LeafSettings {
  readonly leaf: string;
  readonly accessed_bits: string;
  readonly leaf_attach_ns: number;
  readonly leaf_invalidate_ns: number;
}

/**
 * Attaches those of the checkpoint's leaves that may be, and builds the others; `leaf_base` has the
 * first entry of each in `machine.leaves`.
 */
export function* mapLeaves(
  child: AddressSpace,
  copies: PageCopies,
  leaf_base: Uint32Array,
  placements: Uint8Array,
  settings: LeafSettings,
): Activity {
  const { machine, layout } = child;
  let copied = 0;
  let mapped = 0;
  for (let leaf = 0; leaf < layout.leaf_count; leaf += 1) {
    if (settings.leaf === 'attached' && canAttach(placements, leaf)) {
      child.leaf_base[leaf] = leaf_base[leaf]!;
      child.leaf_attached[leaf] = 1;
      child.counts.leaves_attached += 1;
    } else {
      child.leaf_base[leaf] = machine.leaves.allocate();
      child.counts.leaves_built += 1;
      const built = buildLeaf(child, copies, leaf_base[leaf]!, placements, leaf);
      copied += built.copied;
      mapped += built.mapped;
    }
  }
  const { leaves_attached, leaves_built } = child.counts;
  const leaf_invalidate_ns = isCoherent(machine) ? 0 : settings.leaf_invalidate_ns;
  yield wholeNs(
    leaves_attached * settings.leaf_attach_ns +
      (leaves_attached + leaves_built) * leaf_invalidate_ns +
      mapped * machine.costs.fork_page_ns +
      copied * machine.costs.bulk_page_ns,
  );
  const read_bytes = (leaves_built + copied) * page_bytes;
  if (read_bytes > 0) yield* machine.fabric.cxl.transfer(read_bytes, 'read', child.accounts);
}

/** Whether hosts see each other's writes to the device. */
function isCoherent(machine: Machine): boolean {
  return machine.fabric.settings.coherence === 'hardware';
}

/**
 * The checkpoint's leaves: every page present and read-only at its place in CXL memory, with the accessed bits of the
 * parent's entries, which were cleared after its first invocation. Without
 * hardware coherence accessed bits are set beforehand, so that no page walker writes a leaf that
 * other hosts have cached: the bits then tell nothing about the children.
 */
export function checkpointLeaves(
  machine: Machine,
  copies: PageCopies,
  { leaf_count, marks }: Layout,
  { accessed_bits }: Pick<LeafSettings, 'accessed_bits'>,
): Uint32Array {
  const leaf_base = new Uint32Array(leaf_count);
  for (let leaf = 0; leaf < leaf_count; leaf += 1) leaf_base[leaf] = machine.leaves.allocate();
  const { entries } = machine.leaves;
  const all_accessed = !isCoherent(machine);
  const kept = accessed_bits === 'kept' ? marked_accessed : 0;
  for (let slot = 0; slot < leaf_count * entries_per_leaf; slot += 1) {
    const leaf = Math.floor(slot / entries_per_leaf);
    if (!copies.holds(slot)) continue;
    const position = leaf_base[leaf]! + (slot % entries_per_leaf);
    const old = !all_accessed && (marks[slot]! & kept) === 0;
    entries[position] = entryOf(copies.frameAt(slot), present | in_cxl | (old ? 0 : accessed));
  }
  return leaf_base;
}

/** Whether every page of the leaf may stay where it is until it is written. */
function canAttach(placements: Uint8Array, leaf: number): boolean {
  const start = leaf * entries_per_leaf;
  for (let slot = start; slot < start + entries_per_leaf; slot += 1) {
    const placement = placements[slot]!;
    if (placement !== migrate_on_write && placement !== hole) return false;
  }
  return true;
}

/** Fills a local leaf by the placements: pages copied to local memory, and pages mapped where they lie. */
function buildLeaf(
  child: AddressSpace,
  copies: PageCopies,
  base: number,
  placements: Uint8Array,
  leaf: number,
): { copied: number; mapped: number } {
  let copied = 0;
  let mapped = 0;
  const start = leaf * entries_per_leaf;
  const { promotion } = child.origin;
  const kept = isCoherent(child.machine) ? accessed : 0;
  for (let slot = start; slot < start + entries_per_leaf; slot += 1) {
    if (child.layout.region_of[slot] === no_region) continue;
    const is_deferred = placements[slot] === migrate_on_access;
    // An entry that is left empty keeps nothing; a hot page's is not, although this model waits for its touch.
    const is_empty = is_deferred && !promotion?.goesOn(slot);
    const old = child.machine.leaves.entries[base + slot - start]!;
    const bits = (is_deferred ? deferred : present) | (is_empty ? 0 : old & kept);
    child.setEntry(slot, entryOf(copies.frameAt(slot), in_cxl | bits));
    if (placements[slot] === migrate_on_write) mapped += 1;
    if (placements[slot] !== migrate_now) continue;
    child.copyHere(slot, mapped_young);
    copied += 1;
  }
  return { copied, mapped };
}
