/**
 * Memory of a guest, which a second level maps below the guest's own page table: the monitor's, and the one that the
 * processor walks, in which a new guest has nothing, or attached leaves.
 *
 *     guest page table ─► guest-physical page ─► second level ─┬─► page in CXL memory, read-only
 *                                                └─ missing: exit ┴─► local copy, of 4 KiB or of 2 MiB
 */

import type { Activity } from '../engine/activity.ts';
import { entries_per_leaf, page_bytes, wholeNs } from '../units.ts';
import { AddressSpace, type PageOrigin } from './address-space.ts';
import { type Layout, no_region } from './layout.ts';
import type { Machine } from './machine.ts';
import { isLocal } from './migration.ts';
import { leafOf, present } from './page-table.ts';

export interface GuestSettings {
  /** Pages that the second level maps, and a fault moves, at once. */
  readonly block_pages: 1 | typeof entries_per_leaf;
  /** Whether leaves of the second level came with the checkpoint, so that pages that lie there need no exit. */
  readonly second_level: 'faulted' | 'attached';
  /** From the guest to its monitor's kernel and back. */
  readonly exit_ns: number;
  /** What mapping one block of new memory takes beyond the exit. */
  readonly new_block_ns: number;
  /** Pages of the guest's kernel that it touches until its first answer, and of these what it writes. */
  readonly kernel_pages: number;
  readonly kernel_touched: number;
  readonly kernel_written: number;
}

export class GuestMemory extends AddressSpace {
  readonly #guest: GuestSettings;
  /** 1 where the second level has the block. */
  readonly #mapped: Uint8Array;
  /** Exits for pages that were only to be mapped, and not charged yet. */
  #exits = 0;
  #is_awake = false;
  #new_pages = 0;
  readonly #spares: number[] = [];
  /** Leaves whose holes have frames. */
  readonly #filled = new Set<number>();

  constructor(
    machine: Machine,
    node: number,
    layout: Layout,
    origin: PageOrigin,
    guest: GuestSettings,
  ) {
    super(machine, node, layout, origin);
    this.#guest = guest;
    const blocks = Math.ceil(layout.region_of.length / guest.block_pages);
    this.#mapped = new Uint8Array(blocks).fill(guest.second_level === 'attached' ? 1 : 0);
  }

  /** Walks read a line of the guest's own tables, too, which lie in the image. */
  override get walks_over_cxl(): number {
    return 1;
  }

  override passed(slot: number): void {
    const block = this.#blockOf(slot);
    if (this.#mapped[block] === 1) return;
    this.#mapped[block] = 1;
    this.#exits += 1;
  }

  override *settleExits(): Activity {
    const exits = this.#exits;
    this.#exits = 0;
    this.counts.minor_faults += exits;
    yield wholeNs(exits * (this.#guest.exit_ns + this.machine.costs.fault_ns));
  }

  override fault(slot: number, write: boolean): Activity {
    // Refuses what may not be, as a process's would be.
    const single = super.fault(slot, write);
    if (this.#guest.block_pages === 1 || isLocal(this.entry(slot))) {
      return this.#exiting(slot, single);
    }
    return this.#exiting(slot, this.#moveBlock(slot));
  }

  /** Copies what of the leaf's pages is not local yet, with the holes between them, taking no time. */
  copyBlock(leaf: number, extra_bits = 0): void {
    const start = leaf * entries_per_leaf;
    const fills = !this.#filled.has(leaf);
    this.#filled.add(leaf);
    for (let slot = start; slot < start + entries_per_leaf; slot += 1) {
      if (this.layout.region_of[slot] === no_region) {
        if (fills) this.anonymous.push(this.frames.allocate(this.machine.newContent()));
      } else if (!isLocal(this.entry(slot))) this.copyHere(slot, extra_bits);
    }
  }

  override *newMemory(pages: number, faults: number): Activity {
    if (!this.#is_awake) {
      this.#is_awake = true;
      yield* this.#wake();
    }
    yield* super.newMemory(pages, faults);
    const { block_pages, exit_ns, new_block_ns } = this.#guest;
    const had = Math.ceil(this.#new_pages / block_pages);
    this.#new_pages += pages;
    const blocks = Math.ceil(this.#new_pages / block_pages) - had;
    this.#spare((had + blocks) * block_pages - this.#new_pages);
    this.counts.minor_faults += blocks;
    yield wholeNs(blocks * (exit_ns + new_block_ns));
  }

  /** Makes it that `pages` of the last block that new memory came in are nobody's yet. */
  #spare(pages: number): void {
    while (this.#spares.length < pages) {
      const frame = this.frames.allocate(this.machine.newContent());
      this.#spares.push(frame);
      this.anonymous.push(frame);
    }
    while (this.#spares.length > pages) {
      const frame = this.#spares.pop()!;
      this.anonymous.splice(this.anonymous.lastIndexOf(frame), 1);
      this.frames.release(frame);
    }
  }

  /** The guest's kernel touches its own pages, and writes some of them, which are copied. */
  *#wake(): Activity {
    const { block_pages, second_level, exit_ns, kernel_pages } = this.#guest;
    const { costs, fabric } = this.machine;
    const touched = hit(this.#guest.kernel_touched, kernel_pages, block_pages);
    const written = hit(this.#guest.kernel_written, kernel_pages, block_pages);
    const mapped = second_level === 'faulted' ? touched : 0;
    this.counts.minor_faults += mapped;
    yield wholeNs(mapped * (exit_ns + costs.fault_ns));
    for (let block = 0; block < written; block += 1) {
      yield wholeNs(exit_ns + costs.fault_ns + costs.tlb_shootdown_ns);
      yield* fabric.cxl.transfer(block_pages * page_bytes, 'read', this.accounts);
      for (let page = 0; page < block_pages; page += 1) {
        this.anonymous.push(this.frames.allocate(this.machine.newContent()));
      }
      this.counts.cow_faults += 1;
      this.counts.pages_copied += block_pages;
    }
  }

  *#exiting(slot: number, fault: Activity): Activity {
    yield wholeNs(this.#guest.exit_ns);
    yield* fault;
    this.#mapped[this.#blockOf(slot)] = 1;
  }

  *#moveBlock(slot: number): Activity {
    const { costs, fabric } = this.machine;
    const leaf = leafOf(slot);
    const replaces = (this.entry(slot) & present) !== 0;
    yield* this.unshareLeaf(leaf);
    yield wholeNs(costs.fault_ns + (replaces ? costs.tlb_shootdown_ns : 0));
    yield* fabric.cxl.transfer(entries_per_leaf * page_bytes, 'read', this.accounts);
    this.copyBlock(leaf);
    this.counts[replaces ? 'cow_faults' : 'migration_faults'] += 1;
  }

  #blockOf(slot: number): number {
    return Math.floor(slot / this.#guest.block_pages);
  }
}

/** Blocks that `touched` of all pages lie in, if they lie anywhere: all their own, or of 2 MiB fewer. */
function hit(touched: number, pages: number, block_pages: number): number {
  if (block_pages === 1) return touched;
  const blocks = Math.ceil(pages / block_pages);
  if (blocks === 0) return 0;
  return Math.round(blocks * (1 - (1 - 1 / blocks) ** touched));
}
