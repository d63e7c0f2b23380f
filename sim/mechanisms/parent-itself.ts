/** The checkpoint of mechanisms that freeze nothing: the parent itself, or nobody, is the source. */

import type { Checkpoint } from '../mechanism.ts';
import type { AddressSpace } from '../memory/address-space.ts';
import { frameOf } from '../memory/page-table.ts';

export function parentItself(parent: AddressSpace, restore: Checkpoint['restore']): Checkpoint {
  const frameAt = (slot: number) => frameOf(parent.entry(slot));
  return {
    cxl_bytes: 0,
    held_frames: new Uint32Array(0),
    frameAt,
    content: (slot) => parent.frames.content[frameAt(slot)]!,
    restore,
    release() {},
  };
}
