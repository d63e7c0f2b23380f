/** Recounts frames and leaves from the page tables: every simulated trial is thereby a test. */

import { entries_per_leaf } from '../units.ts';
import type { AddressSpace } from './address-space.ts';
import type { FramePool } from './frame-pool.ts';
import { dirty, frameOf, in_cxl, no_leaf, present, writable } from './page-table.ts';

/**
 * Throws if the spaces do not account for every local frame exactly, if two own one leaf, or if an
 * attached leaf lets its process write or wait. They must be all spaces on their nodes. `held` are
 * further frames, by node, that something uses without mapping them (a descriptor).
 */
export function audit(spaces: readonly AddressSpace[], held: readonly Uint32Array[] = []): void {
  const [first] = spaces;
  if (!first) return;
  for (const [node, pool] of first.machine.local.entries()) {
    const mappings = new Uint32Array(pool.high_water);
    for (const space of spaces) if (space.node === node) countMappings(space, pool, mappings);
    for (const frame of held[node] ?? []) mappings[frame]! += 1;
    const sharers = pool.sharers_by_frame;
    let mapped = 0;
    // An index loop: this runs over every frame of every trial.
    for (let frame = 0; frame < mappings.length; frame += 1) {
      const count = mappings[frame]!;
      if (count > 0) mapped += 1;
      if (sharers[frame] !== count) {
        throw new Error(
          `audit: frame ${frame} of ${pool.name} counts ${sharers[frame]} sharers, but ${count} map it`,
        );
      }
    }
    if (mapped !== pool.allocated) {
      throw new Error(
        `audit: ${pool.name} has ${pool.allocated} frames in use, but ${mapped} are mapped`,
      );
    }
  }
  checkOwnLeaves(spaces);
  for (const space of spaces) checkAttached(space);
}

function checkOwnLeaves(spaces: readonly AddressSpace[]): void {
  const own = new Set<number>();
  for (const { leaf_base, leaf_attached } of spaces) {
    for (const [leaf, base] of leaf_base.entries()) {
      if (leaf_attached[leaf] || base === no_leaf) continue;
      if (own.has(base)) throw new Error(`audit: the leaf at ${base} has two owners`);
      own.add(base);
    }
  }
  for (const { leaf_base, leaf_attached } of spaces) {
    for (const [leaf, base] of leaf_base.entries()) {
      if (leaf_attached[leaf] && own.has(base)) {
        throw new Error(`audit: the attached leaf ${leaf} is no checkpoint's, but a process's own`);
      }
    }
  }
}

function checkAttached(space: AddressSpace): void {
  for (let leaf = 0; leaf < space.leaf_base.length; leaf += 1) {
    if (space.leaf_attached[leaf] === 0) continue;
    const base = space.leaf_base[leaf]!;
    for (let position = base; position < base + entries_per_leaf; position += 1) {
      const entry = space.machine.leaves.entries[position]!;
      const bits = entry & (present | in_cxl | writable | dirty);
      if (entry !== 0 && bits !== (present | in_cxl)) {
        throw new Error(
          `audit: attached leaf ${leaf} has an entry that is not read-only CXL memory`,
        );
      }
    }
  }
}

function countMappings(space: AddressSpace, pool: FramePool, mappings: Uint32Array): void {
  const count = (frame: number) => {
    if (frame >= mappings.length) {
      throw new Error(`audit: frame ${frame} of ${pool.name} is mapped, but was never handed out`);
    }
    mappings[frame]! += 1;
  };
  for (const frame of space.anonymous) count(frame);
  for (const { frame } of space.prefetched.values()) count(frame);
  const { entries } = space.machine.leaves;
  for (let leaf = 0; leaf < space.leaf_base.length; leaf += 1) {
    if (space.leaf_attached[leaf]) continue;
    const base = space.leaf_base[leaf]!;
    for (let position = base; position < base + entries_per_leaf; position += 1) {
      const entry = entries[position]!;
      if ((entry & (present | in_cxl)) === present) count(frameOf(entry));
    }
  }
}
