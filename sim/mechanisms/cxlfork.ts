/**
 * CXLfork (ASPLOS 2025, section 4): page tables and pages are copied into CXL memory, and a child
 * attaches the page-table leaves that lie there, so that it maps the checkpoint without copying.
 *
 *     child   root ─ upper levels (local) ─┬─ leaf (attached, in CXL) ─► pages in CXL, read-only
 *                                          └─ leaf (built, local) ─┬──► pages in CXL, read-only
 *                                                                  ├──► copies in local memory
 *                                                                  └──▻ deferred: fetched on access
 *
 * A leaf whose pages are all migrate-on-write is attached; any other placement needs a local leaf, and so does
 * a shared mapping of a file in memory in the leaf's range, of which processes here have none.
 */

import type { Activity } from '../engine/activity.ts';
import { defineMechanism } from '../mechanism.ts';
import { AddressSpace, type PageOrigin } from '../memory/address-space.ts';
import { no_region } from '../memory/layout.ts';
import type { Machine } from '../memory/machine.ts';
import {
  accessed,
  deferred,
  entryOf,
  in_cxl,
  mapped_young,
  present,
} from '../memory/page-table.ts';
import { most_each_ns, most_fixed_ns, type Values } from '../parameters.ts';
import { hole, migrate_now, migrate_on_access, migrate_on_write } from '../placements.ts';
import { entries_per_leaf, page_bytes, wholeNs } from '../units.ts';
import { copyPages, type PageCopies } from './checkpoint-copy.ts';
import { foresee } from './clairvoyance.ts';

const parameters = {
  leaf: {
    default: 'attached',
    unit: 'choice',
    choices: ['attached', 'built'],
    description: 'attach leaves where placements allow it, or build every leaf locally (ablation)',
    source: 'CXLfork section 4.2',
  },
  global_state_ns: {
    default: 1_170_000,
    unit: 'ns',
    minimum: 0,
    maximum: most_fixed_ns,
    description: 'new process, files reopened, mounts and PID namespace, upper page-table levels',
    source:
      'fitted with kernel.bulk_page_ns on CXLfork restore of Float, Linpack, Json, Pyaes, BFS, Bert (figure 7)',
  },
  leaf_attach_ns: {
    default: 50,
    unit: 'ns',
    minimum: 0,
    maximum: most_each_ns,
    description: 'attaching one leaf: a store into a local upper-level table',
    source: 'assumed: of the order of one access to local memory',
  },
  entry_rewrite_ns: {
    default: 1,
    unit: 'ns',
    minimum: 0,
    maximum: most_each_ns,
    description: 'rebasing one entry of a leaf at the checkpoint, in place',
    source: 'assumed: a load, a test and a store on cached lines',
  },
  leaf_invalidate_ns: {
    default: 1495,
    unit: 'ns',
    minimum: 0,
    maximum: most_each_ns,
    description: 'without hardware coherence: dropping a leaf’s stale lines before it is used',
    source: 'Beluga (SIGMOD 2026, secondary notes): clflush and read of 16 KB in 5.98 us',
  },
  vma_bytes: {
    default: 256,
    unit: 'bytes',
    minimum: 0,
    maximum: 1_048_576,
    description: 'checkpointed record of one VMA with its share of the tree',
    source: 'assumed: vm_area_struct and maple-tree slots of Linux 6.6',
  },
} as const;

type Settings = Values<typeof parameters>;

export default defineMechanism({
  name: 'cxlfork',
  description: 'attaches page-table leaves that lie in CXL memory; pages move as the policy says',
  source: 'CXLfork (ASPLOS 2025) section 4',
  unmodelled: [
    'coherence traffic of accessed bits that several hosts set in one leaf',
    'lazy set-up of file callbacks: the workloads fault in no file page that was not checkpointed',
    'checkpoint time has no published figure to check against',
  ],
  parameters,
  policies: 'any',
  reach: 'any-node',
  inapplicable: [],
  *checkpoint({ space }, settings) {
    const { machine, layout } = space;
    const metadata_bytes = layout.leaf_count * page_bytes + layout.vma_count * settings.vma_bytes;
    const copies = copyPages(space, metadata_bytes);
    const leaf_base = checkpointLeaves(machine, copies, layout.leaf_count);
    yield wholeNs(settings.global_state_ns);
    yield* machine.fabric.cxl.transfer(copies.cxl_bytes, 'write', space.accounts);
    yield wholeNs(layout.leaf_count * entries_per_leaf * settings.entry_rewrite_ns);
    return {
      ...copies,
      *restore(node, placements) {
        yield wholeNs(settings.global_state_ns);
        const child = new AddressSpace(machine, node, layout, cxlOrigin(machine));
        yield* mapLeaves(child, copies, leaf_base, placements, settings);
        return child;
      },
      foresee: (invocation, cached_pages) => foresee(space, invocation, settings, cached_pages),
      release() {
        copies.release();
        for (const base of leaf_base) machine.leaves.release(base);
      },
    };
  },
});

/**
 * Attaches those of the checkpoint's leaves that may be, and builds the others; `leaf_base` has the
 * first entry of each in `machine.leaves`.
 */
function* mapLeaves(
  child: AddressSpace,
  copies: PageCopies,
  leaf_base: Uint32Array,
  placements: Uint8Array,
  settings: Settings,
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
      const built = buildLeaf(child, copies, placements, leaf);
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
 * The checkpoint's leaves: every page present and read-only at its place in CXL memory. Without
 * hardware coherence accessed bits are set beforehand, so that no page walker writes a leaf that
 * other hosts have cached: the bits then tell nothing about the children.
 */
function checkpointLeaves(machine: Machine, copies: PageCopies, leaf_count: number): Uint32Array {
  const leaf_base = new Uint32Array(leaf_count);
  for (let leaf = 0; leaf < leaf_count; leaf += 1) leaf_base[leaf] = machine.leaves.allocate();
  const { entries } = machine.leaves;
  const bits = present | in_cxl | (isCoherent(machine) ? 0 : accessed);
  for (let slot = 0; slot < leaf_count * entries_per_leaf; slot += 1) {
    const leaf = Math.floor(slot / entries_per_leaf);
    if (!copies.holds(slot)) continue;
    const position = leaf_base[leaf]! + (slot % entries_per_leaf);
    entries[position] = entryOf(copies.frameAt(slot), bits);
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
  placements: Uint8Array,
  leaf: number,
): { copied: number; mapped: number } {
  let copied = 0;
  let mapped = 0;
  const start = leaf * entries_per_leaf;
  for (let slot = start; slot < start + entries_per_leaf; slot += 1) {
    if (child.layout.region_of[slot] === no_region) continue;
    const is_deferred = placements[slot] === migrate_on_access;
    child.setEntry(
      slot,
      entryOf(copies.frameAt(slot), in_cxl | (is_deferred ? deferred : present)),
    );
    if (placements[slot] === migrate_on_write) mapped += 1;
    if (placements[slot] !== migrate_now) continue;
    child.copyHere(slot, mapped_young);
    copied += 1;
  }
  return { copied, mapped };
}

/** Pages not local yet are read from CXL memory, one load stream a fault. */
function cxlOrigin(machine: Machine): PageOrigin {
  return {
    frames: machine.cxl,
    fetch: ({ accounts }) => machine.fabric.cxl.transfer(page_bytes, 'read', accounts),
  };
}
