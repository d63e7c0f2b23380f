/** A copy of a parent's pages in CXL memory: what CRIU and CXLfork share, and nothing of its cost. */

import type { Checkpoint } from '../mechanism.ts';
import type { AddressSpace } from '../memory/address-space.ts';
import { type Layout, no_region, slotsOf } from '../memory/layout.ts';
import { frameOf } from '../memory/page-table.ts';
import { page_bytes } from '../units.ts';

/** The pages of a checkpoint; how a child is made of them is the mechanism's. */
export interface PageCopies extends Omit<Checkpoint, 'restore'> {
  /** 1 where the content stays with the file system: `frameAt` then names the file's frame. */
  readonly left_out: Uint8Array;
  /** Pages copied to CXL memory. */
  readonly page_count: number;
  /** Whether the process had a page at `slot`. */
  holds(slot: number): boolean;
}

/**
 * Copies the resident pages into CXL frames, but leaves those to the file system that `isLeftOut`
 * names. `metadata_bytes` are what the mechanism stores beside the pages.
 */
export function copyPages(
  space: AddressSpace,
  metadata_bytes: number,
  isLeftOut?: (slot: number, layout: Layout) => boolean,
): PageCopies {
  const { layout, machine } = space;
  const { region_of } = layout;
  const { content } = space.frames;
  const frame_of = new Uint32Array(slotsOf(layout));
  const left_out = new Uint8Array(slotsOf(layout));
  let page_count = 0;
  const poolOf = (slot: number) => (left_out[slot] ? machine.files : machine.cxl);
  for (let slot = 0; slot < frame_of.length; slot += 1) {
    if (region_of[slot] === no_region) continue;
    if (isLeftOut?.(slot, layout)) left_out[slot] = 1;
    else page_count += 1;
    frame_of[slot] = poolOf(slot).allocate(content[frameOf(space.entry(slot))]!);
  }
  return {
    left_out,
    page_count,
    holds: (slot) => region_of[slot] !== no_region,
    cxl_bytes: page_count * page_bytes + metadata_bytes,
    held_frames: new Uint32Array(0),
    frameAt: (slot) => frame_of[slot]!,
    content: (slot) => poolOf(slot).content[frame_of[slot]!]!,
    release() {
      for (let slot = 0; slot < frame_of.length; slot += 1) {
        if (region_of[slot] !== no_region) poolOf(slot).release(frame_of[slot]!);
      }
    },
  };
}
