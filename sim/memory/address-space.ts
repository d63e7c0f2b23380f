/** One process's pages as its page table has them, and the three things a first touch can cost. */

import type { Activity } from '../engine/activity.ts';
import type { Signal } from '../engine/signal.ts';
import { type Accounts, Traffic } from '../fabric/traffic.ts';
import { entries_per_leaf, page_bytes, wholeNs } from '../units.ts';
import { noFaults } from './fault-counts.ts';
import type { FramePool } from './frame-pool.ts';
import { type Layout, no_region } from './layout.ts';
import type { Machine } from './machine.ts';
import {
  accessed,
  bitsOf,
  deferred,
  dirty,
  entryOf,
  frameOf,
  in_cxl,
  in_file,
  leafOf,
  no_leaf,
  positionInLeaf,
  present,
  writable,
} from './page-table.ts';

/** Pages that come without a fault, by another thread. */
export interface Promotion {
  /** Whether a load of the page goes on over CXL memory, where it is still. */
  goesOn(slot: number): boolean;
  /** A fault brings the page itself: nobody else may from now on. */
  leave(slot: number): void;
  /** A hot page was touched: it is asked for, if it was not, with what comes with it. */
  ask(space: AddressSpace, slot: number): void;
  /** The invocation has made its last touch: what is not begun is left until it is touched again. */
  rest(): void;
}

/** Where pages that are not local yet come from, and how one is moved in a fault. */
export interface PageOrigin {
  readonly frames: FramePool;
  /** The movement of the page at `slot` to the child's node, apart from the fault itself. */
  fetch(space: AddressSpace, slot: number): Activity;
  /** How hot pages come without a fault; absent where each touch of a deferred page faults. */
  readonly promotion?: Promotion;
}

export class AddressSpace {
  readonly machine: Machine;
  readonly node: number;
  readonly layout: Layout;
  readonly origin: PageOrigin;
  /** First entry of each leaf in `machine.leaves`, or `no_leaf`. */
  readonly leaf_base: Uint32Array;
  /** 1 where the leaf is the checkpoint's own: read-only until it is unshared. */
  readonly leaf_attached: Uint8Array;
  readonly counts = noFaults();
  /** Pages under way or here that no touch has asked for yet: the frame, and when it has landed. */
  readonly prefetched = new Map<number, { readonly frame: number; readonly landed: Signal }>();
  /** What its faults and its execution moved between CXL memory and nodes. */
  readonly traffic = new Traffic();
  readonly #accounts: Accounts[] = [];
  /** File pages read and not charged yet; what a read costs is the mechanism's to say. */
  file_reads = 0;
  /** Execution lost around faults and not charged yet. */
  disturbed_ns = 0;
  /** Bytes that another thread has copied here, or copies. */
  promoted_bytes = 0;
  /** Whether a local fork made it. */
  is_fork = false;
  /** Whether the process has ended, and what is done for it should stop. */
  ended = false;
  /** Frames of anonymous memory that invocations allocated anew. */
  readonly anonymous: number[] = [];

  constructor(machine: Machine, node: number, layout: Layout, origin: PageOrigin) {
    this.machine = machine;
    this.node = node;
    this.layout = layout;
    this.origin = origin;
    const leaf_count = layout.leaf_count + layout.later_leaf_count;
    this.leaf_base = new Uint32Array(leaf_count).fill(no_leaf);
    this.leaf_attached = new Uint8Array(leaf_count);
  }

  /** Who counts what it moves over its own node's link. */
  get accounts(): Accounts {
    return this.accountsOver(this.node);
  }

  /** Who counts what is moved for it over the link of `node`. */
  accountsOver(node: number): Accounts {
    this.#accounts[node] ??= [this.traffic, this.machine.fabric.nodes[node]!.link];
    return this.#accounts[node];
  }

  get frames(): FramePool {
    return this.machine.local[this.node]!;
  }

  /** Lines of further page tables in CXL memory that a walk reads for each line of its own. */
  get walks_over_cxl(): number {
    return 0;
  }

  /** A touch of the page at `slot` went through its page table: a guest's memory is mapped once more below it. */
  passed(_slot: number): void {}

  /** What such touches took on top. */
  *settleExits(): Activity {}

  entry(slot: number): number {
    return this.machine.leaves.entries[this.#position(slot)]!;
  }

  setEntry(slot: number, entry: number): void {
    this.machine.leaves.entries[this.#position(slot)] = entry;
  }

  mayWrite(slot: number): boolean {
    const region = this.layout.region_of[slot]!;
    return region !== no_region && this.layout.regions[region]!.writable;
  }

  /** What a load at `slot` returns: the content token of the page, whoever holds it. */
  *read(slot: number): Activity<number> {
    if ((this.entry(slot) & present) === 0) yield* this.fault(slot, false);
    const entry = this.entry(slot);
    this.setEntry(slot, entry | accessed);
    return this.#holder(entry).content[frameOf(entry)]!;
  }

  /** Stores `content` into the page at `slot`. */
  *write(slot: number, content: number): Activity {
    if ((this.entry(slot) & writable) === 0) yield* this.fault(slot, true);
    const entry = this.entry(slot);
    this.setEntry(slot, entry | accessed | dirty);
    this.frames.content[frameOf(entry)] = content;
  }

  /**
   * Serves the fault of a first touch, so that the touch succeeds.
   *
   *     present, read-only ─ store ─► copy on write     present in CXL or shared locally
   *     deferred           ─ touch ─► migration         the checkpoint or parent has the page
   *     in_file            ─ touch ─► minor fault       the file system has the page; a store
   *                                                    copies it besides, the page cache is for all
   */
  fault(slot: number, write: boolean): Activity {
    if (write && !this.mayWrite(slot)) {
      throw new RangeError(`store to slot ${slot}, which the process may not write`);
    }
    const entry = this.entry(slot);
    if (entry & present) {
      if (!write || entry & writable) throw new RangeError(`slot ${slot} has no fault to serve`);
      return entry & in_cxl ? this.#copyFromCxl(slot) : this.#copyLocal(slot);
    }
    if (entry & deferred) return this.#migrate(slot);
    if (entry & in_file) return this.#readFile(slot, write);
    throw new RangeError(`slot ${slot} holds no page`);
  }

  /** Touches `faults` new anonymous pages, of which `pages` stay allocated. */
  *allocateAnonymous(pages: number, faults: number): Activity {
    for (let page = 0; page < pages; page += 1) {
      this.anonymous.push(this.frames.allocate(this.machine.newContent()));
    }
    yield* this.newMemory(pages, faults);
  }

  /** Faults on new memory, `pages` of which had never been there before. */
  *newMemory(_pages: number, faults: number): Activity {
    this.counts.minor_faults += faults;
    yield wholeNs(faults * this.machine.costs.fault_ns);
  }

  /**
   * Copies the page at `slot` to local memory and maps it as its region allows, taking no time;
   * `extra_bits` are set in its entry besides.
   */
  copyHere(slot: number, extra_bits = 0): void {
    const entry = this.entry(slot);
    this.map(slot, this.frames.allocate(this.#holder(entry).content[frameOf(entry)]!), extra_bits);
    this.counts.pages_copied += 1;
  }

  /** Sets a local frame aside for the page at `slot`, whose content is on its way. */
  prefetch(slot: number, landed: Signal): void {
    const content = this.origin.frames.content[frameOf(this.entry(slot))]!;
    this.prefetched.set(slot, { frame: this.frames.allocate(content), landed });
    this.counts.pages_copied += 1;
  }

  /** Sets the accessed bit of the page at `slot`; whether it was clear. */
  mark(slot: number): boolean {
    const entry = this.entry(slot);
    this.setEntry(slot, entry | accessed);
    return (entry & accessed) === 0;
  }

  /** Gives the process empty leaves of its own for all that its layout holds. */
  buildLeaves(): void {
    for (let leaf = 0; leaf < this.layout.leaf_count; leaf += 1) {
      this.leaf_base[leaf] = this.machine.leaves.allocate();
      this.counts.leaves_built += 1;
    }
  }

  /** Puts a local copy in the place of an attached leaf, before its first update: one page read over the link. */
  *unshareLeaf(leaf: number): Activity {
    if (this.leaf_attached[leaf] === 0) return;
    yield* this.machine.fabric.cxl.transfer(page_bytes, 'read', this.accounts);
    this.leaf_base[leaf] = this.machine.leaves.copy(this.leaf_base[leaf]!);
    this.leaf_attached[leaf] = 0;
    this.counts.leaves_unshared += 1;
  }

  /** Ends the process: every local frame and leaf goes back. */
  release(): void {
    this.ended = true;
    const { leaves } = this.machine;
    const { entries } = leaves;
    const { frames } = this;
    for (let leaf = 0; leaf < this.leaf_base.length; leaf += 1) {
      const base = this.leaf_base[leaf]!;
      if (this.leaf_attached[leaf] || base === no_leaf) continue;
      for (let position = base; position < base + entries_per_leaf; position += 1) {
        const entry = entries[position]!;
        if ((entry & (present | in_cxl)) === present) frames.release(frameOf(entry));
      }
      leaves.release(base);
    }
    for (const frame of this.anonymous) frames.release(frame);
    this.anonymous.length = 0;
    for (const { frame } of this.prefetched.values()) frames.release(frame);
    this.prefetched.clear();
  }

  *#copyFromCxl(slot: number): Activity {
    yield* this.unshareLeaf(leafOf(slot));
    const fault_ns = wholeNs(this.machine.costs.fault_ns + this.machine.costs.tlb_shootdown_ns);
    if (!this.machine.simulation.pass(fault_ns)) yield fault_ns;
    yield* this.machine.fabric.cxl.transfer(page_bytes, 'read', this.accounts);
    this.copyHere(slot);
    this.counts.cow_faults += 1;
  }

  *#copyLocal(slot: number): Activity {
    const entry = this.entry(slot);
    const frame = frameOf(entry);
    if (this.frames.sharers(frame) === 1 && (entry & in_file) === 0) {
      // The last sharer takes the page over, as Linux does: no copy.
      yield wholeNs(this.machine.costs.fault_ns);
      this.setEntry(slot, entry | writable);
      this.counts.minor_faults += 1;
      return;
    }
    const fault_ns = wholeNs(this.machine.costs.local_cow_fault_ns);
    if (!this.machine.simulation.pass(fault_ns)) yield fault_ns;
    this.copyHere(slot);
    this.frames.release(frame);
    this.counts.cow_faults += 1;
  }

  *#readFile(slot: number, write: boolean): Activity {
    const frame = frameOf(this.entry(slot));
    yield wholeNs(this.machine.costs.fault_ns);
    this.counts.minor_faults += 1;
    this.file_reads += 1;
    const cached = this.frames.allocate(this.machine.files.content[frame]!);
    this.setEntry(slot, entryOf(cached, present | in_file));
    if (write) yield* this.#copyLocal(slot);
  }

  *#migrate(slot: number): Activity {
    const fault_ns = wholeNs(this.machine.costs.fault_ns);
    if (!this.machine.simulation.pass(fault_ns)) yield fault_ns;
    const prefetched = this.prefetched.get(slot);
    if (prefetched) {
      if (!prefetched.landed.fired) yield prefetched.landed;
      this.prefetched.delete(slot);
      this.map(slot, prefetched.frame);
      this.counts.minor_faults += 1;
      return;
    }
    this.origin.promotion?.leave(slot);
    yield* this.origin.fetch(this, slot);
    this.copyHere(slot);
    this.counts.migration_faults += 1;
  }

  /** Maps the page at `slot` to a local frame, as its region allows; `extra_bits` are set besides. */
  map(slot: number, frame: number, extra_bits = 0): void {
    const kept = bitsOf(this.entry(slot)) & (accessed | dirty);
    const rights = this.mayWrite(slot) ? writable : 0;
    this.setEntry(slot, entryOf(frame, kept | present | rights | extra_bits));
  }

  #holder(entry: number): FramePool {
    return entry & (in_cxl | deferred) ? this.origin.frames : this.frames;
  }

  #position(slot: number): number {
    return this.leaf_base[leafOf(slot)]! + positionInLeaf(slot);
  }
}
