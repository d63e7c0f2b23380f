/** CRIU over CXL: state is serialised to files in CXL memory, deserialised and copied (CXLfork 6). */

import { defineMechanism } from '../mechanism.ts';
import { AddressSpace } from '../memory/address-space.ts';
import { type Layout, marked_dirty, no_region, slotsOf } from '../memory/layout.ts';
import { entryOf, in_file, mapped_young, present, writable } from '../memory/page-table.ts';
import { most_each_ns, most_fixed_ns } from '../parameters.ts';
import { page_bytes, wholeNs } from '../units.ts';
import { copyPages, type PageCopies } from './checkpoint-copy.ts';

const parameters = {
  dump_fixed_ns: {
    default: 12_400_000,
    unit: 'ns',
    minimum: 0,
    maximum: most_fixed_ns,
    description: 'dump of a process without pages',
    source: 'Mitosis artifact, exp/criu-micro README: 12.4 + 0.527 ms/MiB on tmpfs (derived)',
  },
  dump_page_ns: {
    default: 2059,
    unit: 'ns',
    minimum: 0,
    maximum: most_each_ns,
    description: 'serialising one page, apart from writing it over CXL',
    source: 'the same: 0.527 ms/MiB',
  },
  restore_fixed_ns: {
    default: 2_500_000,
    unit: 'ns',
    minimum: 0,
    maximum: most_fixed_ns,
    description: 'restore of a process without pages',
    source: 'criu issue 1551: 4.7 ms in all, 2.2 ms of it for memory',
  },
  restore_page_ns: {
    default: 1597,
    unit: 'ns',
    minimum: 0,
    maximum: most_each_ns,
    description: 'allocating and filling one page, apart from reading it over CXL',
    source: 'criu issue 1551: 5.64 MB in 2.2 ms',
  },
  file_read_ns: {
    default: 15_000,
    unit: 'ns',
    minimum: 0,
    maximum: most_each_ns,
    description: 'first read of a file page that the image left out, counted in execution',
    source: 'fitted on CRIU execution of Float, Linpack, Json, Pyaes, BFS, Bert (CXLfork figure 7)',
  },
} as const;

/** Clean private file pages stay out of CRIU's images: the file has them. */
function isLeftOut(slot: number, layout: Layout): boolean {
  const region = layout.regions[layout.region_of[slot]!]!;
  return region.kind === 'file' && (layout.marks[slot]! & marked_dirty) === 0;
}

export default defineMechanism({
  name: 'criu',
  description: 'serialises to files in CXL memory; a child deserialises and copies every page',
  source: 'CXLfork section 6 (CRIU-CXL); CRIU 4.x source',
  unmodelled: ['lazy pages, pre-dump and image compression', 'container creation'],
  parameters,
  policies: 'none',
  policy_reason: 'it copies every page at restore',
  needs_new_container: true,
  reach: 'any-node',
  colour: '#00796B',
  inapplicable: ['leaves_attached', 'leaves_unshared'],
  *checkpoint({ space }, settings) {
    const { machine } = space;
    const copies = copyPages(space, 0, isLeftOut);
    yield wholeNs(settings.dump_fixed_ns + copies.page_count * settings.dump_page_ns);
    yield* machine.fabric.cxl.transfer(copies.cxl_bytes, 'write', space.accounts);
    return {
      ...copies,
      file_read_ns: settings.file_read_ns,
      *restore(node) {
        yield wholeNs(settings.restore_fixed_ns + copies.page_count * settings.restore_page_ns);
        const child = new AddressSpace(machine, node, space.layout, space.origin);
        const read_bytes = copies.page_count * page_bytes;
        yield* machine.fabric.cxl.transfer(read_bytes, 'read', child.accounts);
        return filled(child, copies);
      },
    };
  },
});

/** A process with a local copy of each page, but for those it will read from their files. */
function filled(child: AddressSpace, copies: PageCopies): AddressSpace {
  const { layout } = child;
  child.buildLeaves();
  for (let slot = 0; slot < slotsOf(layout); slot += 1) {
    if (layout.region_of[slot] === no_region) continue;
    if (copies.left_out[slot]) {
      child.setEntry(slot, entryOf(copies.frameAt(slot), in_file));
    } else {
      const frame = child.frames.allocate(copies.content(slot));
      const bits = present | mapped_young | (child.mayWrite(slot) ? writable : 0);
      child.setEntry(slot, entryOf(frame, bits));
      child.counts.pages_copied += 1;
    }
  }
  return child;
}
