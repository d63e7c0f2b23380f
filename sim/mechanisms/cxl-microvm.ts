/**
 * A microVM whose image lies in CXL memory, as CXLfork has processes there: nobody has built it. Its monitor is restored as
 * a child of CXLfork, so that its page table attaches the image; the tables that the processor walks for the guest are made
 * by exits, or attached, too; what the guest writes is copied, 4 KiB or 2 MiB at once.
 *
 *     host A   parent ─ stands still ─► image: guest memory, monitor, state of its virtual machine    in CXL memory
 *     host B   monitor (attached) ─► virtual machine (made anew) ─► guest ─ exit ─► mapped where it lies, or copied
 */

import type { Activity } from '../engine/activity.ts';
import { defineMechanism } from '../mechanism.ts';
import { GuestMemory, type GuestSettings } from '../memory/guest-memory.ts';
import { type Layout, no_region } from '../memory/layout.ts';
import type { Machine } from '../memory/machine.ts';
import { deferred, entryOf, in_cxl, mapped_young, present } from '../memory/page-table.ts';
import { most_each_ns, most_fixed_ns, type Values } from '../parameters.ts';
import { migrate_now, migrate_on_access, migrate_on_write } from '../placements.ts';
import { placements } from '../policy.ts';
import { entries_per_leaf, page_bytes, pagesOf, wholeNs } from '../units.ts';
import { copyPages, type PageCopies } from './checkpoint-copy.ts';
import { foresee } from './clairvoyance.ts';
import { globalState_ns, parameters as ofProcess } from './cxlfork.ts';
import { cxlOrigin } from './hot-pages.ts';
import { checkpointLeaves, mapLeaves } from './leaves.ts';

const unknown = 'assumed (grade U: unknown, to be swept)';

const parameters = {
  monitor: {
    default: 'attached',
    unit: 'choice',
    choices: ['attached', 'started'],
    description: 'the monitor is restored as a child of CXLfork, or started anew',
    source: 'chosen: as CXLfork has processes; monitors are started today',
  },
  second_level: {
    default: 'faulted',
    unit: 'choice',
    choices: ['faulted', 'attached'],
    description: 'tables that are walked for the guest: made by exits, or their leaves attached',
    source: 'chosen: as KVM makes them; attached is inferred from CXLfork section 4.2',
  },
  page_size: {
    default: '4 KiB',
    unit: 'choice',
    choices: ['4 KiB', '2 MiB'],
    description: 'what these tables map, and a fault copies, at once',
    source: 'chosen: Firecracker maps no snapshot of huge pages (mitos pull request 231)',
  },
  monitor_start_ns: {
    default: 8_000_000,
    unit: 'ns',
    minimum: 0,
    maximum: most_fixed_ns,
    description: 'starting a monitor anew',
    source: 'Firecracker SPECIFICATION.md: 8 CPU-ms until the API socket',
  },
  machine_state_ns: {
    default: 2_000_000,
    unit: 'ns',
    minimum: 0,
    maximum: most_fixed_ns,
    description: 'making virtual machine, processors and devices of their state',
    source: 'Firecracker’s own tests: a whole restore on the fastest host, 121 ms on the slowest',
  },
  exit_ns: {
    default: 1000,
    unit: 'ns',
    minimum: 0,
    maximum: most_each_ns,
    description: 'exit of the guest and return, beside what a fault of a process takes',
    source: 'kvmserver README: about 1 us for that of a system call',
  },
  new_huge_page_ns: {
    default: 399_000,
    unit: 'ns',
    minimum: 0,
    maximum: most_each_ns,
    description: '2 MiB of new memory, cleared',
    source: 'gVisor pull request 13753: 8 threads bring in 37.4 GB in 0.89 s (derived)',
  },
  kernel_mb: {
    default: 32,
    unit: 'MiB',
    minimum: 0,
    maximum: 1_048_576,
    description: 'memory in use by the guest’s kernel and services',
    source: unknown,
  },
  kernel_touched_share: {
    default: 0.32,
    unit: 'share',
    minimum: 0,
    maximum: 1,
    description: 'share of it that is touched until the first answer',
    source: 'notes on Aquifer: 5.5 of 17.2 % of a snapshot that are not zero (grade C)',
  },
  kernel_written_share: {
    default: 0.15,
    unit: 'share',
    minimum: 0,
    maximum: 1,
    description: 'share of what is touched that is written',
    source: unknown,
  },
  global_state_ns: ofProcess.global_state_ns,
  leaf_attach_ns: ofProcess.leaf_attach_ns,
  entry_rewrite_ns: ofProcess.entry_rewrite_ns,
  leaf_invalidate_ns: ofProcess.leaf_invalidate_ns,
  vma_leaf_entries: ofProcess.vma_leaf_entries,
} as const;

type Settings = Values<typeof parameters>;

/** What CXLfork can do otherwise, and is not done here. */
const as_process = {
  leaf: 'attached',
  accessed_bits: 'kept',
  promotion: 'fault',
  promotion_pages: 1,
} as const;

export default defineMechanism({
  name: 'cxl-microvm',
  description: 'attaches the image of a microVM in CXL memory, which is copied on write; inferred',
  source: 'CXLfork section 4 and restores of Firecracker put together; nothing is published',
  inferred: 'its costs are those of CXLfork and of Firecracker’s restores put together',
  properties: {
    unit: 'microVM',
    capture: 'native copy into CXL',
    transport: 'CXL memory',
    materialisation: 'mapped, copied on write',
    shell: 'none',
    isolation: 'microVM',
    sharing: 'CXL pool',
    needs_parent: 'nothing',
    other_hosts: 'yes',
    inherits: 'memory, kernel and devices',
    writable_root: 'own',
    uniqueness: 'generation identifier',
    gpu: 'no',
    poisoned_parent: 'reaches all children',
  },
  unmodelled: [
    'network and block devices of a child (mitos: 139 ms)',
    'where pages lie in the guest: as in the function’s process',
    'fewer misses of the TLB with 2 MiB',
    'memory that the guest gives back, which stays its own without a balloon',
  ],
  parameters,
  policies: 'any',
  reach: 'any-node',
  inapplicable: [],
  *checkpoint({ space }, settings) {
    const { machine, layout } = space;
    const is_huge = settings.page_size === '2 MiB';
    const tables = settings.second_level === 'attached' ? 2 : 1;
    const leaves_bytes = layout.leaf_count * page_bytes * (is_huge ? 0 : tables);
    const holes = is_huge ? layout.leaf_count * entries_per_leaf - layout.resident_pages : 0;
    const kernel_pages = pagesOf(settings.kernel_mb);
    const others_bytes = leaves_bytes + (holes + kernel_pages) * page_bytes;
    const copies = copyPages(space, others_bytes);
    const leaf_base = checkpointLeaves(machine, copies, layout, as_process);
    yield wholeNs(settings.global_state_ns + settings.machine_state_ns);
    yield* machine.fabric.cxl.transfer(copies.cxl_bytes, 'write', space.accounts);
    yield wholeNs((leaves_bytes / page_bytes) * entries_per_leaf * settings.entry_rewrite_ns);
    const guest = guestOf(machine, kernel_pages, settings);
    return {
      ...copies,
      *restore(node, placed) {
        const is_attached = settings.monitor === 'attached';
        yield wholeNs(settings.machine_state_ns) +
          (is_attached
            ? globalState_ns(machine, layout, settings)
            : wholeNs(settings.monitor_start_ns));
        const origin = cxlOrigin(machine, undefined, as_process);
        const child = new GuestMemory(machine, node, layout, origin, guest);
        if (is_huge) yield* mapBlocks(child, copies, leaf_base, placed, settings);
        else {
          yield* mapLeaves(child, copies, leaf_base, placed, { ...as_process, ...settings });
          yield wholeNs((tables - 1) * layout.leaf_count * settings.leaf_attach_ns);
        }
        return child;
      },
      // Exits are not weighed there: what is weighed is tried beside one answer for all pages.
      foresee: (invocation, cached_pages) => [
        ...foresee(space, invocation, { ...as_process, ...settings }, cached_pages),
        ...placements.map((best) => () => ({ best })),
      ],
      release() {
        copies.release();
        for (const base of leaf_base) machine.leaves.release(base);
      },
    };
  },
});

function guestOf(machine: Machine, kernel_pages: number, settings: Settings): GuestSettings {
  const { kernel_touched_share, kernel_written_share, page_size } = settings;
  const is_huge = page_size === '2 MiB';
  const kernel_touched = Math.round(kernel_pages * kernel_touched_share);
  return {
    block_pages: is_huge ? entries_per_leaf : 1,
    second_level: settings.second_level as GuestSettings['second_level'],
    exit_ns: settings.exit_ns,
    new_block_ns: is_huge ? settings.new_huge_page_ns : machine.costs.fault_ns,
    kernel_pages,
    kernel_touched,
    kernel_written: Math.round(kernel_touched * kernel_written_share),
  };
}

/** 2 MiB at once: whole where they lie, or copied now where the policy wants one of their pages so, or on access. */
function* mapBlocks(
  child: GuestMemory,
  copies: PageCopies,
  leaf_base: Uint32Array,
  placements: Uint8Array,
  { leaf_attach_ns }: Settings,
): Activity {
  const { machine, layout } = child;
  let copied = 0;
  for (let leaf = 0; leaf < layout.leaf_count; leaf += 1) {
    const placement = strongest(layout, placements, leaf);
    if (placement === migrate_on_write) {
      child.leaf_base[leaf] = leaf_base[leaf]!;
      child.leaf_attached[leaf] = 1;
      child.counts.leaves_attached += 1;
      continue;
    }
    child.leaf_base[leaf] = machine.leaves.allocate();
    child.counts.leaves_built += 1;
    const start = leaf * entries_per_leaf;
    const bits = in_cxl | (placement === migrate_now ? present : deferred);
    for (let slot = start; slot < start + entries_per_leaf; slot += 1) {
      if (layout.region_of[slot] === no_region) continue;
      child.setEntry(slot, entryOf(copies.frameAt(slot), bits));
    }
    if (placement !== migrate_now) continue;
    child.copyBlock(leaf, mapped_young);
    copied += 1;
  }
  // One leaf of entries of 2 MiB each maps 1 GiB.
  const leaves = Math.ceil(layout.leaf_count / entries_per_leaf);
  yield wholeNs(leaves * leaf_attach_ns + copied * machine.costs.bulk_page_ns);
  if (copied === 0) return;
  const bytes = copied * entries_per_leaf * page_bytes;
  yield* machine.fabric.cxl.transfer(bytes, 'read', child.accounts);
}

/** Now before on access before on write: 2 MiB go together. */
function strongest({ region_of }: Layout, placements: Uint8Array, leaf: number): number {
  const start = leaf * entries_per_leaf;
  let found = migrate_on_write;
  for (let slot = start; slot < start + entries_per_leaf; slot += 1) {
    if (region_of[slot] === no_region) continue;
    if (placements[slot] === migrate_now) return migrate_now;
    if (placements[slot] === migrate_on_access) found = migrate_on_access;
  }
  return found;
}
