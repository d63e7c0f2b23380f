/** Mitosis over CXL: a descriptor names the parent's pages, and each is copied on first touch. */

import type { Activity } from '../engine/activity.ts';
import { defineMechanism } from '../mechanism.ts';
import { AddressSpace, type PageOrigin } from '../memory/address-space.ts';
import { no_region, slotsOf } from '../memory/layout.ts';
import { deferred, entryOf, frameOf, writable } from '../memory/page-table.ts';
import { most_each_ns, most_fixed_ns, type Values } from '../parameters.ts';
import { entries_per_leaf, line_bytes, page_bytes, wholeNs } from '../units.ts';

export const parameters = {
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
    default: 230_000,
    unit: 'ns',
    minimum: 0,
    maximum: most_fixed_ns,
    description: 'resuming a child without pages and mappings in an empty container',
    source:
      'fitted on Mitosis restore of Float, Linpack, Json, Pyaes, BFS, Bert (CXLfork figure 7)',
  },
  resume_page_ns: {
    default: 25.5,
    unit: 'ns',
    minimum: 0,
    maximum: most_each_ns,
    description: 'decoding the descriptor of one page, apart from reading it',
    source: 'Mitosis artifact, benchmark README: 0.00652 ms/MiB (derived)',
  },
  descriptor: {
    default: 'in-place',
    unit: 'choice',
    choices: ['in-place', 'fetched'],
    description:
      'decoded where it lies in CXL memory, line by line; or fetched as a whole and decoded in local memory, as over RDMA',
    source:
      'chosen on Mitosis restore of Bert (CXLfork figure 7), which takes 95 ns a page more than BFS: what the artifact decodes, and a load of 391 ns for the 5.3 pages of a line',
  },
  disturbance_ns: {
    default: 610,
    unit: 'ns',
    minimum: 0,
    maximum: most_each_ns,
    description: 'execution lost around each remote fault to refilling core state',
    source: 'fitted on Mitosis execution of the same six functions',
  },
  execution_fixed_ns: {
    default: 4_380_000,
    unit: 'ns',
    minimum: 0,
    maximum: most_fixed_ns,
    description: 'execution that a child loses whatever its size; no step of Mitosis explains it',
    source: 'fitted on Mitosis execution of the same six functions',
  },
  faults_fixed_ns: {
    default: 4_620_000,
    unit: 'ns',
    minimum: 0,
    maximum: most_fixed_ns,
    description:
      'time that a child loses in its faults whatever their number, at its first; no step of Mitosis explains it',
    source: 'fitted on Mitosis page faults of the same six functions',
  },
  window_pages: {
    default: 2,
    unit: 'pages',
    minimum: 1,
    maximum: entries_per_leaf,
    description:
      'pages that one fault brings in, the touched one among them; the neighbours after it are not waited for',
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

type Settings = Values<typeof parameters>;

export default defineMechanism({
  name: 'mitosis',
  description: 'ships a descriptor; a child copies each page from its parent on first touch',
  source: 'Mitosis (OSDI 2023) source; CXLfork section 6 (Mitosis-CXL)',
  properties: {
    unit: 'process',
    capture: 'descriptor',
    transport: 'CXL memory',
    materialisation: 'on demand',
    shell: 'none',
    isolation: 'process',
    sharing: 'nobody',
    needs_parent: 'all children',
    other_hosts: 'yes',
    inherits: 'memory and kernel state',
    writable_root: 'of the node',
    uniqueness: 'nothing',
    gpu: 'no',
    poisoned_parent: 'reaches all children',
  },
  unmodelled: [
    'the load that copies put on the parent’s cores',
    'the page cache between children',
    'prefetching the next page but one where the parent lacks the next, or the child has it',
  ],
  parameters,
  policies: 'none',
  policy_reason: 'it copies every page on first touch',
  reach: 'any-node',
  colour: '#56B4E9',
  inapplicable: ['leaves_attached', 'leaves_unshared'],
  *checkpoint({ space }, settings) {
    const { machine, layout, frames } = space;
    const frame_of = new Uint32Array(slotsOf(layout));
    const held = new Uint32Array(layout.resident_pages);
    let held_count = 0;
    for (let slot = 0; slot < frame_of.length; slot += 1) {
      if (layout.region_of[slot] === no_region) continue;
      const entry = space.entry(slot);
      const frame = frameOf(entry);
      frame_of[slot] = frame;
      frames.share(frame);
      held[held_count] = frame;
      held_count += 1;
      space.setEntry(slot, entry & ~writable);
    }
    const bytes = layout.resident_pages * settings.descriptor_page_bytes;
    yield wholeNs(settings.prepare_fixed_ns + layout.resident_pages * settings.prepare_page_ns);
    yield* machine.fabric.cxl.transfer(bytes, 'write', space.accounts);
    return {
      cxl_bytes: bytes,
      held_frames: held,
      frameAt: (slot) => frame_of[slot]!,
      content: (slot) => frames.content[frame_of[slot]!]!,
      *restore(node) {
        const child = new AddressSpace(machine, node, layout, parentsPages(space, settings));
        yield* readDescriptor(child, bytes, settings);
        yield wholeNs(
          settings.resume_fixed_ns +
            layout.vma_count * machine.costs.map_ns +
            layout.resident_pages * settings.resume_page_ns,
        );
        child.disturbed_ns = settings.execution_fixed_ns;
        child.buildLeaves();
        for (let slot = 0; slot < slotsOf(layout); slot += 1) {
          if (layout.region_of[slot] === no_region) continue;
          child.setEntry(slot, entryOf(frame_of[slot]!, deferred));
        }
        return child;
      },
      release() {
        for (const frame of held) frames.release(frame);
      },
    };
  },
});

/** Copied in one go; or each line waited for as its records are decoded. */
function* readDescriptor(child: AddressSpace, bytes: number, { descriptor }: Settings): Activity {
  const { cxl } = child.machine.fabric;
  yield* cxl.transfer(bytes, 'read', child.accounts);
  if (descriptor === 'fetched') return;
  const lines_ns = Math.ceil(bytes / line_bytes) * cxl.settings.latency_ns;
  // Beyond what it takes alone: whoever waited for others reads no faster after that.
  yield Math.max(0, wholeNs(lines_ns) - cxl.transfer_ns(bytes, 'read'));
}

/** Pages not local yet are copied from the parent's frames, some neighbours with them. */
function parentsPages({ node, frames }: AddressSpace, settings: Settings): PageOrigin {
  const { window_pages, prefetched, disturbance_ns } = settings;
  let begun = false;
  return {
    frames,
    *fetch(space, slot) {
      if (!begun) {
        begun = true;
        yield wholeNs(settings.faults_fixed_ns);
      }
      // Started first, but it begins behind this activity's own store in the device's queue.
      if (prefetched === 'set-aside') prefetch(space, slot, window_pages - 1, node);
      // As `bounce`, which would be one more activity for each of many thousand faults.
      const { cxl } = space.machine.fabric;
      yield* cxl.transfer(page_bytes, 'write', space.accountsOver(node));
      yield* cxl.transfer(page_bytes, 'read', space.accounts);
      if (prefetched === 'mapped') yield* faultAround(space, slot, window_pages - 1, node);
      space.disturbed_ns += disturbance_ns;
    },
  };
}

/** The parent's node stores the page to CXL memory, and the child's node loads it from there. */
function* bounce(child: AddressSpace, parent_node: number): Activity {
  const { cxl } = child.machine.fabric;
  yield* cxl.transfer(page_bytes, 'write', child.accountsOver(parent_node));
  yield* cxl.transfer(page_bytes, 'read', child.accounts);
}

/** Starts fetching the next `pages` neighbours that are still with the parent. */
function prefetch(space: AddressSpace, slot: number, pages: number, parent_node: number): void {
  const end = Math.min(slot + pages, slotsOf(space.layout) - 1);
  for (let next = slot + 1; next <= end; next += 1) {
    if ((space.entry(next) & deferred) === 0 || space.prefetched.has(next)) continue;
    const { done } = space.machine.simulation.start(bounce(space, parent_node), 0, 'prefetch');
    space.prefetch(next, done);
  }
}

/** Copies and maps those of the next `pages` neighbours in the mapping that are still with the parent. */
function* faultAround(
  space: AddressSpace,
  slot: number,
  pages: number,
  parent_node: number,
): Activity {
  const end = Math.min(slot + pages, slotsOf(space.layout) - 1);
  for (let next = slot + 1; next <= end && !space.layout.ends?.has(next - 1); next += 1) {
    if ((space.entry(next) & deferred) === 0) continue;
    yield* bounce(space, parent_node);
    space.copyHere(next);
  }
}
