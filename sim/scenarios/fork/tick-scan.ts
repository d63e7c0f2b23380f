/** What ticks know of a child's pages: the A and D bits that each look finds, counted and cleared. */

import type { Activity } from '../../engine/activity.ts';
import type { AddressSpace } from '../../memory/address-space.ts';
import { isLocal } from '../../memory/migration.ts';
import { accessed, dirty } from '../../memory/page-table.ts';
import type { LivePage } from '../../policy.ts';
import { entries_per_leaf, page_bytes, wholeNs } from '../../units.ts';

/**
 * The first look of a tick reads every entry, and clears its bits so that the next one finds what was
 * touched since. In attached leaves, which lie in CXL memory, D bits are never set, and A bits are left as they
 * are without hardware coherence: nobody writes a leaf there that others may have cached.
 */
export class TickScan {
  readonly #child: AddressSpace;
  readonly #slots: Uint32Array;
  readonly #accessed_counts: Uint32Array;
  readonly #dirty_counts: Uint32Array;
  #looked = false;
  /** Attached leaves whose bits the look cleared. */
  readonly #cleared = new Set<number>();

  constructor(child: AddressSpace, slots: Uint32Array) {
    this.#child = child;
    this.#slots = slots;
    this.#accessed_counts = new Uint32Array(slots.length);
    this.#dirty_counts = new Uint32Array(slots.length);
  }

  begin(): void {
    this.#looked = false;
    this.#cleared.clear();
  }

  *look(): Generator<LivePage> {
    if (!this.#looked) this.#count();
    for (const [index, slot] of this.#slots.entries()) {
      const local = isLocal(this.#child.entry(slot));
      yield {
        index,
        local,
        accessed_count: this.#accessed_counts[index]!,
        dirty_count: this.#dirty_counts[index]!,
        clean: local && !this.isWritten(index),
      };
    }
  }

  /** Whether the child wrote the page since restore, as far as looks and the entry tell. */
  isWritten(index: number): boolean {
    return this.#dirty_counts[index]! > 0 || (this.#child.entry(this.#slots[index]!) & dirty) !== 0;
  }

  /** The time that this tick's look took, if it looked: attached leaves are read, and written, over the link. */
  *pay(): Activity {
    if (!this.#looked) return;
    const { accounts, machine } = this.#child;
    const { costs, fabric } = machine;
    yield wholeNs(this.#slots.length * costs.tick_scan_ns);
    const attached = this.#child.leaf_attached.reduce((sum, each) => sum + each, 0);
    if (attached > 0) yield* fabric.cxl.transfer(attached * page_bytes, 'read', accounts);
    const written = this.#cleared.size;
    if (written > 0) yield* fabric.cxl.transfer(written * page_bytes, 'write', accounts);
  }

  #count(): void {
    this.#looked = true;
    const child = this.#child;
    const coherent = child.machine.fabric.settings.coherence === 'hardware';
    for (const [index, slot] of this.#slots.entries()) {
      const entry = child.entry(slot);
      const bits = entry & (accessed | dirty);
      if (bits === 0) continue;
      if (bits & accessed) this.#accessed_counts[index]! += 1;
      if (bits & dirty) this.#dirty_counts[index]! += 1;
      const leaf = Math.floor(slot / entries_per_leaf);
      const attached = child.leaf_attached[leaf] === 1;
      if (attached && !coherent) continue;
      child.setEntry(slot, entry - bits);
      if (attached) this.#cleared.add(leaf);
    }
  }
}
