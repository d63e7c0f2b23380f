/**
 * Hot pages that come to a child's node without a fault: they stay mapped in CXL memory until another thread has
 * copied them, and whoever loads from them meanwhile goes on over the link.
 *
 *     toucher  ── load ──── load ─────────── load ──►
 *                  │ asks    over CXL         of local memory
 *     thread       └─► copy ─► copy ─► remap
 */

import type { Activity } from '../engine/activity.ts';
import { Signal } from '../engine/signal.ts';
import { entries_per_leaf, page_bytes, wholeNs } from '../units.ts';
import type { AddressSpace, Promotion } from './address-space.ts';
import { deferred } from './page-table.ts';

/** `background` brings the touched page, `batch` the hot pages of its 2 MiB. */
export type AskedFor = 'page' | 'range';

export class PromotingThread implements Promotion {
  /** 1 where the page is hot, by slot. */
  readonly #hot: Uint8Array;
  readonly #asked_for: AskedFor;
  readonly #chunk_pages: number;
  /** Slots asked for and not begun, in order. */
  readonly #queue: number[] = [];
  readonly #asked = new Set<number>();
  #busy = false;

  /** At most `chunk_pages` that were asked for together are copied in one go. */
  constructor(hot: Uint8Array, asked_for: AskedFor, chunk_pages: number) {
    this.#hot = hot;
    this.#asked_for = asked_for;
    this.#chunk_pages = chunk_pages;
  }

  goesOn(slot: number): boolean {
    return this.#hot[slot] === 1;
  }

  leave(slot: number): void {
    this.#hot[slot] = 0;
  }

  ask(space: AddressSpace, slot: number): void {
    if (this.#asked.has(slot)) return;
    for (const each of this.#together(space, slot)) {
      this.#asked.add(each);
      this.#queue.push(each);
    }
    if (this.#busy) return;
    this.#busy = true;
    space.machine.simulation.start(this.#work(space), 0, 'promotion');
  }

  rest(): void {
    for (const slot of this.#queue) this.#asked.delete(slot);
    this.#queue.length = 0;
  }

  /** The touched page, and of its 2 MiB those above it before those below. */
  #together(space: AddressSpace, slot: number): number[] {
    if (this.#asked_for === 'page') return [slot];
    const start = slot - (slot % entries_per_leaf);
    const around = Array.from({ length: entries_per_leaf }, (_, i) => {
      return start + ((slot - start + i) % entries_per_leaf);
    });
    return around.filter(
      (each) => this.#hot[each] === 1 && !this.#asked.has(each) && space.entry(each) & deferred,
    );
  }

  /** The other thread, until nothing is asked for or the child has ended. */
  *#work(space: AddressSpace): Activity {
    const { costs, fabric } = space.machine;
    while (this.#queue.length > 0 && !space.ended) {
      const chunk = this.#nextChunk(space);
      if (chunk.length === 0) continue;
      const landed = new Signal();
      for (const slot of chunk) space.prefetch(slot, landed);
      const bytes = chunk.length * page_bytes;
      space.promoted_bytes += bytes;
      const each_ns = this.#asked_for === 'page' ? costs.tick_page_ns : costs.bulk_page_ns;
      yield* fabric.cxl.transfer(bytes, 'read', space.accounts);
      yield wholeNs(chunk.length * each_ns + costs.tlb_shootdown_ns);
      // The toucher's core is told that entries changed.
      space.disturbed_ns += costs.tlb_shootdown_ns;
      landed.fire();
    }
    this.#busy = false;
  }

  /** Pages that a fault has brought meanwhile, or is about to, are left out. */
  #nextChunk(space: AddressSpace): number[] {
    const most = this.#asked_for === 'page' ? 1 : this.#chunk_pages;
    return this.#queue
      .splice(0, most)
      .filter((slot) => this.#hot[slot] === 1 && space.entry(slot) & deferred);
  }
}
