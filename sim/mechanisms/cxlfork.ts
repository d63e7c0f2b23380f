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

import { defineMechanism } from '../mechanism.ts';
import { AddressSpace } from '../memory/address-space.ts';
import type { Layout } from '../memory/layout.ts';
import type { Machine } from '../memory/machine.ts';
import { most_each_ns, most_fixed_ns, type Values } from '../parameters.ts';
import { entries_per_leaf, page_bytes, wholeNs } from '../units.ts';
import { copyPages } from './checkpoint-copy.ts';
import { foresee } from './clairvoyance.ts';
import { cxlOrigin, hotPages } from './hot-pages.ts';
import { checkpointLeaves, mapLeaves } from './leaves.ts';

export const parameters = {
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
    unit: 'entries',
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
export function globalState_ns(
  { costs }: Machine,
  { vma_count }: Layout,
  settings: Pick<Settings, 'global_state_ns' | 'vma_leaf_entries' | 'leaf_attach_ns'>,
): number {
  const vma_leaves = Math.ceil(vma_count / settings.vma_leaf_entries);
  return wholeNs(
    settings.global_state_ns +
      costs.open_files * costs.open_ns +
      vma_leaves * settings.leaf_attach_ns,
  );
}
