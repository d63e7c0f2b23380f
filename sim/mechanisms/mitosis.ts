/** Mitosis over CXL: a descriptor names the parent's pages, and each is copied on first touch. */

import type { Activity } from '../engine/activity.ts';
import { Signal } from '../engine/signal.ts';
import { type Checkpoint, defineMechanism } from '../mechanism.ts';
import { AddressSpace, type PageOrigin } from '../memory/address-space.ts';
import { no_region, slotsOf } from '../memory/image.ts';
import type { Machine } from '../memory/machine.ts';
import { backed, entryOf, frameOf, writable } from '../memory/page-table.ts';
import { most_each_ns, most_fixed_ns } from '../parameters.ts';
import { page_bytes } from '../units.ts';

const parameters = {
  prepare_fixed_ns: {
    default: 580_000,
    unit: 'ns',
    minimum: 0,
    maximum: most_fixed_ns,
    description: 'preparing a parent without pages',
    source: 'Mitosis artifact, benchmark README: 0.58 + 0.0423 ms/MiB (derived)',
  },
  prepare_page_ns: {
    default: 165,
    unit: 'ns',
    minimum: 0,
    maximum: most_each_ns,
    description: 'write-protecting one page of the parent and describing it',
    source: 'the same: 0.0423 ms/MiB',
  },
  descriptor_page_bytes: {
    default: 12,
    unit: 'bytes',
    minimum: 1,
    maximum: 1_048_576,
    description: 'descriptor of one present page: a 4-byte offset and an 8-byte address',
    source: 'Mitosis source, descriptors/vma.rs',
  },
  resume_fixed_ns: {
    default: 720_000,
    unit: 'ns',
    minimum: 0,
    maximum: most_fixed_ns,
    description: 'resuming a child without pages in an empty container',
    source:
      'fitted on Mitosis restore of Float, Linpack, Json, Pyaes, BFS, Bert (CXLfork figure 7)',
  },
  resume_page_ns: {
    default: 88,
    unit: 'ns',
    minimum: 0,
    maximum: most_each_ns,
    description: 'decoding the descriptor of one page',
    source: 'fitted on Mitosis restore of the same six functions',
  },
  disturbance_ns: {
    default: 590,
    unit: 'ns',
    minimum: 0,
    maximum: most_each_ns,
    description: 'execution lost around each remote fault to refilling core state',
    source: 'fitted on Mitosis execution of the same six functions',
  },
  execution_fixed_ns: {
    default: 4_240_000,
    unit: 'ns',
    minimum: 0,
    maximum: most_fixed_ns,
    description: 'execution that a child loses whatever its size; no step of Mitosis explains it',
    source: 'fitted on Mitosis execution of the same six functions',
  },
  prefetch_pages: {
    default: 1,
    unit: 'pages',
    minimum: 0,
    maximum: 511,
    description: 'neighbours fetched after a faulting page, without waiting for them',
    source: 'Mitosis source, PREFETCH_STEP in lib.rs',
  },
  prefetched: {
    default: 'set-aside',
    unit: 'choice',
    choices: ['set-aside', 'mapped'],
    description:
      'neighbours are set aside until their own fault; or they are fetched in the fault, within its mapping, and mapped at once, as the kernel module does',
    source: 'Mitosis source, read_remote_page in descriptors/child.rs',
  },
} as const;

interface Descriptor extends Checkpoint {
  readonly bytes: number;
}

export default defineMechanism({
  name: 'mitosis',
  description: 'ships a descriptor; a child copies each page from its parent on first touch',
  source: 'Mitosis (OSDI 2023) source; CXLfork section 6 (Mitosis-CXL)',
  unmodelled: [
    'the load that copies put on the parent’s cores',
    'the page cache between children',
    'prefetching the next page but one where the parent lacks the next, or the child has it',
  ],
  parameters,
  policies: 'none',
  policy_reason: 'it copies every page on first touch',
  child_node: 1,
  inapplicable: ['leaves_attached', 'leaves_copied'],
  *checkpoint(parent, values): Activity<Descriptor> {
    const { space } = parent;
    const { machine, image, frames } = space;
    const frame_of = new Uint32Array(slotsOf(image));
    const held: number[] = [];
    for (let slot = 0; slot < frame_of.length; slot += 1) {
      if (image.region_of[slot] === no_region) continue;
      const entry = space.entry(slot);
      frame_of[slot] = frameOf(entry);
      frames.share(frameOf(entry));
      held.push(frameOf(entry));
      space.setEntry(slot, entry & ~writable);
    }
    const bytes = image.resident_pages * values.descriptor_page_bytes;
    yield Math.round(values.prepare_fixed_ns + image.resident_pages * values.prepare_page_ns);
    yield* machine.fabric.cxl.transfer(bytes, 'write');
    return {
      bytes,
      cxl_bytes: bytes,
      held_frames: Uint32Array.from(held),
      frameAt: (slot) => frame_of[slot]!,
      content: (slot) => frames.content[frame_of[slot]!]!,
      release() {
        for (const frame of held) frames.release(frame);
      },
    };
  },
  *restore(descriptor, parent, _placements, values) {
    const { machine, image, frames } = parent.space;
    yield* machine.fabric.cxl.transfer(descriptor.bytes, 'read');
    yield Math.round(values.resume_fixed_ns + image.resident_pages * values.resume_page_ns);
    const origin: PageOrigin = {
      frames,
      *fetch(space, slot) {
        const { prefetch_pages, prefetched } = values;
        // Started first, but it begins behind this activity's own store in the device's queue.
        if (prefetched === 'set-aside') prefetch(space, slot, prefetch_pages);
        yield* bounce(machine);
        if (prefetched === 'mapped') yield* faultAround(space, slot, prefetch_pages);
        space.disturbed_ns += values.disturbance_ns;
      },
    };
    const child = new AddressSpace(machine, 1, image, origin);
    child.disturbed_ns = values.execution_fixed_ns;
    child.buildLeaves();
    for (let slot = 0; slot < slotsOf(image); slot += 1) {
      if (image.region_of[slot] === no_region) continue;
      child.setEntry(slot, entryOf(descriptor.frameAt(slot), backed));
    }
    return child;
  },
});

/** The parent's node stores the page to CXL memory, and the child's node loads it from there. */
function* bounce(machine: Machine): Activity {
  yield* machine.fabric.cxl.transfer(page_bytes, 'write');
  yield* machine.fabric.cxl.transfer(page_bytes, 'read');
}

/** Starts fetching the next `pages` neighbours that are still with the parent. */
function prefetch(space: AddressSpace, slot: number, pages: number): void {
  const end = Math.min(slot + pages, slotsOf(space.image) - 1);
  for (let next = slot + 1; next <= end; next += 1) {
    if ((space.entry(next) & backed) === 0 || space.prefetched.has(next)) continue;
    const landed = new Signal();
    space.prefetch(next, landed);
    space.machine.simulation.start(land(space.machine, landed), 0, 'prefetch');
  }
}

/** Copies and maps those of the next `pages` neighbours in the mapping that are still with the parent. */
function* faultAround(space: AddressSpace, slot: number, pages: number): Activity {
  const end = Math.min(slot + pages, slotsOf(space.image) - 1);
  for (let next = slot + 1; next <= end && !space.image.ends?.has(next - 1); next += 1) {
    if ((space.entry(next) & backed) === 0) continue;
    yield* bounce(space.machine);
    space.copyHere(next);
  }
}

function* land(machine: Machine, landed: Signal): Activity {
  yield* bounce(machine);
  landed.fire();
}
