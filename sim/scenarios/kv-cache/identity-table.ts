/**
 * Where blocks lie, by their identities: whole numbers from 0, of which a sequence has one after the other. A map of them in
 * pages, so that neighbours lie side by side; a page that nothing is in goes back.
 *
 *     identity = page of 256 │ place        pages ─► slot ─► entries[slot · 256 + place]
 */

import { grown } from '../../grown.ts';

const place_bits = 8;
const page_length = 2 ** place_bits;
const place_mask = page_length - 1;

export class IdentityTable {
  /** Slot of each page plus one; 0 where nothing is in it. */
  #slots = new Int32Array(64);
  /** What is found plus one; 0 is nothing. */
  #entries = new Int32Array(page_length);
  /** Entries of each slot. */
  #counts = new Int32Array(1);
  readonly #free_slots: number[] = [];
  #next_slot = 0;
  size = 0;

  /** -1 where there is nothing. */
  find(identity: number): number {
    const page = identity >> place_bits;
    const slots = this.#slots;
    if (page >= slots.length) return -1;
    const slot = slots[page]!;
    if (slot === 0) return -1;
    return this.#entries[((slot - 1) << place_bits) | (identity & place_mask)]! - 1;
  }

  /** Whether nothing was there of this identity, and the block is from now on. */
  add(identity: number, block: number): boolean {
    const page = identity >> place_bits;
    const slots = this.#slots;
    const slot = (page < slots.length ? slots[page]! : 0) || this.#open(page);
    const entries = this.#entries;
    const at = ((slot - 1) << place_bits) | (identity & place_mask);
    if (entries[at] !== 0) return false;
    entries[at] = block + 1;
    this.#counts[slot - 1]! += 1;
    this.size += 1;
    return true;
  }

  /** Something must be there. */
  remove(identity: number): void {
    const page = identity >> place_bits;
    const slot = this.#slots[page]! - 1;
    this.#entries[(slot << place_bits) | (identity & place_mask)] = 0;
    this.size -= 1;
    const left = this.#counts[slot]! - 1;
    this.#counts[slot] = left;
    if (left > 0) return;
    this.#slots[page] = 0;
    this.#free_slots.push(slot);
  }

  #open(page: number): number {
    if (page >= this.#slots.length) this.#slots = grown(this.#slots, page + 1);
    const slot = this.#free_slots.pop() ?? this.#next_slot++;
    if (slot >= this.#counts.length) this.#counts = grown(this.#counts, slot + 1);
    const end = (slot + 1) * page_length;
    if (end > this.#entries.length) this.#entries = grown(this.#entries, end);
    this.#slots[page] = slot + 1;
    return slot + 1;
  }
}
