/** Recounts frames and leaves from the page tables: every simulated trial is thereby a test. */

import { entries_per_leaf } from '../units.ts';
import type { AddressSpace } from './address-space.ts';
import { frameOf, in_cxl, present, writable } from './page-table.ts';

/**
 * Throws if the spaces, which must be all there are on their nodes, do not account for every local
 * frame exactly, or if an attached leaf lets its process write or wait.
 * `held` are further frames by node that are in use without being mapped (a descriptor's).
 */
export function audit(spaces: readonly AddressSpace[], held: readonly Uint32Array[] = []): void {
  const [first] = spaces;
  if (!first) return;
  for (const [node, pool] of first.machine.local.entries()) {
    const mappings = new Uint32Array(pool.content.length);
    for (const space of spaces) if (space.node === node) countMappings(space, mappings);
    for (const frame of held[node] ?? []) mappings[frame]! += 1;
    let mapped = 0;
    // An index loop: this runs over every frame of every trial.
    for (let frame = 0; frame < mappings.length; frame += 1) {
      const count = mappings[frame]!;
      if (count > 0) mapped += 1;
      if (pool.sharers(frame) !== count) {
        throw new Error(
          `audit: frame ${frame} of ${pool.name} counts ${pool.sharers(frame)} sharers, but ${count} map it`,
        );
      }
    }
    if (mapped !== pool.allocated) {
      throw new Error(
        `audit: ${pool.name} has ${pool.allocated} frames in use, but ${mapped} are mapped`,
      );
    }
  }
  for (const space of spaces) checkAttached(space);
}

function checkAttached(space: AddressSpace): void {
  for (let leaf = 0; leaf < space.leaf_base.length; leaf += 1) {
    if (space.leaf_attached[leaf] === 0) continue;
    const base = space.leaf_base[leaf]!;
    for (let position = base; position < base + entries_per_leaf; position += 1) {
      const entry = space.machine.leaves.entries[position]!;
      if (entry !== 0 && (!(entry & present) || !(entry & in_cxl) || entry & writable)) {
        throw new Error(
          `audit: attached leaf ${leaf} has an entry that is not read-only CXL memory`,
        );
      }
    }
  }
}

function countMappings(space: AddressSpace, mappings: Uint32Array): void {
  for (const frame of space.anonymous) mappings[frame]! += 1;
  for (const { frame } of space.prefetched.values()) mappings[frame]! += 1;
  const { entries } = space.machine.leaves;
  for (let leaf = 0; leaf < space.leaf_base.length; leaf += 1) {
    if (space.leaf_attached[leaf]) continue;
    const base = space.leaf_base[leaf]!;
    for (let position = base; position < base + entries_per_leaf; position += 1) {
      const entry = entries[position]!;
      if ((entry & (present | in_cxl)) === present) mappings[frameOf(entry)]! += 1;
    }
  }
}
