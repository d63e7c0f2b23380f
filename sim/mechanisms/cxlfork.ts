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
import { type Layout, marked_accessed, marked_hot, no_region, slotsOf } from '../memory/layout.ts';
import type { Machine } from '../memory/machine.ts';
import {
  accessed,
  deferred,
  entryOf,
  in_cxl,
  mapped_young,
  present,
} from '../memory/page-table.ts';
import { PromotingThread } from '../memory/promotion.ts';
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
  accessed_bits: {
    default: 'kept',
    unit: 'choice',
    choices: ['kept', 'cleared'],
    description:
      'accessed bits of the parent’s entries in the checkpoint: kept, so that a child’s first touch need not set them again; or cleared, as the kernel module does',
    source: 'CXLfork section 4.1: A and D bits of the source entries are preserved',
  },
  promotion: {
    default: 'batch',
    unit: 'choice',
    choices: ['fault', 'fault-around', 'background', 'batch'],
    description:
      'how a hot page (A bit or hot mark) comes on access where other pages stay in CXL memory: its fault copies it, or its hot neighbours, too; or another thread copies it, or all hot pages of its 2 MiB, while who touched it goes on over CXL',
    source:
      'chosen on CXLfork hybrid cold times of Float, Linpack, Json, Pyaes, BFS, Bert (figure 8a), of which BFS and Bert decide',
  },
  promotion_pages: {
    default: 16,
    unit: 'pages',
    minimum: 1,
    maximum: entries_per_leaf,
    description: 'pages that promotion fault-around brings, or that batch copies in one go',
    source: 'Linux, fault_around_bytes: 64 KiB',
  },
  global_state_ns: {
    default: 230_000,
    unit: 'ns',
    minimum: 0,
    maximum: most_fixed_ns,
    description: 'new process, its mounts and PID namespace, upper levels of its trees',
    source:
      'fitted with kernel.bulk_page_ns on CXLfork restore of Float, Linpack, Json, Pyaes, BFS, Bert (figure 7)',
  },
  leaf_attach_ns: {
    default: 50,
    unit: 'ns',
    minimum: 0,
    maximum: most_each_ns,
    description:
      'attaching one leaf of the page table or of the tree of VMAs: a store into a local upper level',
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
  vma_leaf_entries: {
    default: 16,
    unit: 'VMAs',
    minimum: 1,
    maximum: 1024,
    description: 'VMAs that one leaf of their tree holds, which is attached as a whole',
    source: 'Linux 6.6, MAPLE_RANGE64_SLOTS',
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
  properties: {
    unit: 'process',
    capture: 'native copy into CXL',
    transport: 'CXL memory',
    materialisation: 'mapped, copied on write',
    shell: 'none',
    isolation: 'process',
    sharing: 'CXL pool',
    needs_parent: 'nothing',
    other_hosts: 'yes',
    inherits: 'memory and kernel state',
    writable_root: 'of the node',
    uniqueness: 'nothing',
    gpu: 'no',
    poisoned_parent: 'reaches all children',
  },
  unmodelled: [
    'coherence traffic of accessed bits that several hosts set in one leaf',
    'lazy set-up of file callbacks: the workloads fault in no file page that was not checkpointed',
    'checkpoint time has no published figure to check against',
  ],
  parameters,
  policies: 'any',
  reach: 'any-node',
  inapplicable: [],
  on_kernels: { accessed_bits: 'cleared', promotion: 'fault' },
  of_costs: { promotion: 'fault' },
  *checkpoint({ space }, settings) {
    const { machine, layout } = space;
    const metadata_bytes = layout.leaf_count * page_bytes + layout.vma_count * settings.vma_bytes;
    const copies = copyPages(space, metadata_bytes);
    const leaf_base = checkpointLeaves(machine, copies, layout, settings);
    yield wholeNs(settings.global_state_ns);
    yield* machine.fabric.cxl.transfer(copies.cxl_bytes, 'write', space.accounts);
    yield wholeNs(layout.leaf_count * entries_per_leaf * settings.entry_rewrite_ns);
    return {
      ...copies,
      *restore(node, placements) {
        yield globalState_ns(machine, layout, settings);
        const origin = cxlOrigin(machine, hotPages(layout, placements), settings);
        const child = new AddressSpace(machine, node, layout, origin);
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

/** What is done again on the child's node: files are opened by their paths, and leaves of the tree of VMAs attached. */
function globalState_ns({ costs }: Machine, { vma_count }: Layout, settings: Settings): number {
  const vma_leaves = Math.ceil(vma_count / settings.vma_leaf_entries);
  return wholeNs(
    settings.global_state_ns +
      costs.open_files * costs.open_ns +
      vma_leaves * settings.leaf_attach_ns,
  );
}

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
function checkpointLeaves(
  machine: Machine,
  copies: PageCopies,
  { leaf_count, marks }: Layout,
  { accessed_bits }: Settings,
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

/**
 * 1 where a page is hot: it is to come on access, and was accessed before the checkpoint or marked. Where every page
 * is to come on access, leaves are not read at restore, so that nobody knows which are.
 */
function hotPages({ marks }: Layout, placements: Uint8Array): Uint8Array | undefined {
  if (!placements.includes(migrate_on_write)) return undefined;
  return placements.map((placement, slot) =>
    placement === migrate_on_access && marks[slot]! & (marked_accessed | marked_hot) ? 1 : 0,
  );
}

/** Pages not local yet are read from CXL memory, one load stream a fault or a chunk of a promotion. */
function cxlOrigin(
  machine: Machine,
  hot: Uint8Array | undefined,
  { promotion, promotion_pages }: Settings,
): PageOrigin {
  const { cxl } = machine.fabric;
  const single: PageOrigin = {
    frames: machine.cxl,
    fetch: ({ accounts }) => cxl.transfer(page_bytes, 'read', accounts),
  };
  if (hot === undefined || promotion === 'fault') return single;
  if (promotion === 'fault-around') {
    return { ...single, fetch: (space, slot) => fetchAround(space, slot, hot, promotion_pages) };
  }
  const asked_for = promotion === 'batch' ? 'range' : 'page';
  return { ...single, promotion: new PromotingThread(hot, asked_for, promotion_pages) };
}

/** The page and its hot neighbours within an aligned window, as `do_fault_around` has it, in one copy. */
function* fetchAround(
  space: AddressSpace,
  slot: number,
  hot: Uint8Array,
  window_pages: number,
): Activity {
  const { fabric, costs } = space.machine;
  const neighbours: number[] = [];
  const start = slot - (slot % window_pages);
  const end = Math.min(start + window_pages, slotsOf(space.layout));
  for (let next = start; hot[slot] === 1 && next < end; next += 1) {
    if (next !== slot && hot[next] === 1 && space.entry(next) & deferred) neighbours.push(next);
  }
  const bytes = (1 + neighbours.length) * page_bytes;
  yield* fabric.cxl.transfer(bytes, 'read', space.accounts);
  yield wholeNs(neighbours.length * costs.bulk_page_ns);
  for (const next of neighbours) space.copyHere(next);
}
