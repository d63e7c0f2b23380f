/**
 * Reduces a trace, event by event, to what decides every fault and every missed line:
 *
 *     epoch   0 init │ 1 invocation 0 │ 2 between │ 3 invocation 1 │ … │ 2k + 1 invocation k
 *
 * A page changes its state at its first touch and at its first store only, so of each page and epoch
 * two touches are enough; what is missed from one to the next is summed up. The last three epochs are
 * kept, and of each page a few numbers, so memory does not grow with the length of a trace.
 */

import { Column } from './column.ts';
import { type Columns, event_kinds } from './cxltrace/format.ts';

const [run, page, unmap] = event_kinds.keys();

export const never = 2 ** 32 - 1;

/** What accesses are taken for where a trace does not tell: writes, or reads that the same page's write follows. */
export type AssumedAccess = 'write' | 'read then write';

/** What happened in one epoch. */
export class Epoch {
  /** Page << 1 | store, in order; a page's second touch is its first store. */
  readonly touches = new Column(Uint32Array);
  /** Lines missed by the page from this touch to its next one. */
  readonly lines = new Column(Float64Array);
  /** Loads, stores and fetches of the page meanwhile. */
  readonly accesses = new Column(Float64Array);
  /** Gap units since the epoch's beginning. */
  readonly at = new Column(Float64Array);
  readonly changes: TraceChange[] = [];
  units = 0;

  clear(): void {
    this.touches.clear();
    this.lines.clear();
    this.accesses.clear();
    this.at.clear();
    this.changes.length = 0;
    this.units = 0;
  }
}

/** A page that appears, or page numbers `[first, first + pages)` that go. */
export type TraceChange = { readonly before: number } & (
  | { readonly kind: 'page'; readonly page: number }
  | { readonly kind: 'unmap'; readonly first: number; readonly pages: number }
);

/** Of each page declared, in order: where it lies, and in which epochs things first happened to it. */
export class TracePages {
  readonly number = new Column(Float64Array);
  /** Index into `region_names`. */
  readonly region = new Column(Uint8Array);
  readonly declared = new Column(Uint32Array);
  readonly unmapped = new Column(Uint32Array);
  readonly written = new Column(Uint32Array);
  /** The last epochs it was touched in, and written: bit i stands for i epochs before the last that it was. */
  readonly touched_at = new Column(Uint32Array);
  readonly touched_before = new Column(Uint32Array);
  readonly written_at = new Column(Uint32Array);
  readonly written_before = new Column(Uint32Array);
  /** Lines of it that the whole trace missed: with a cache that never lost them, all it touched. */
  readonly missed = new Column(Float64Array);
  /** Whether the page was touched, or written, in that epoch, one of the last 31. */
  was(what: 'touched' | 'written', page: number, epoch: number): boolean {
    const at = this[`${what}_at`].values[page]!;
    const ago = at - epoch;
    if (at === never || ago < 0 || ago > 31) return false;
    return ((this[`${what}_before`].values[page]! >>> ago) & 1) === 1;
  }

  /** Notes that it was in that epoch, none before the last noted. */
  note(what: 'touched' | 'written', page: number, epoch: number): void {
    const at = this[`${what}_at`].values;
    const before = this[`${what}_before`].values;
    const passed = epoch - at[page]!;
    if (passed === 0) return;
    const kept = at[page] === never || passed > 31 ? 0 : before[page]! << passed;
    before[page] = (kept | 1) >>> 0;
    at[page] = epoch;
  }

  /** The page's last touch in the current epoch, if that touch is the page's. */
  readonly touch = new Column(Uint32Array);

  get length(): number {
    return this.number.length;
  }
}

export class TraceEpochs {
  readonly pages = new TracePages();
  /** Instructions, or ns, by epoch. */
  readonly units: number[] = [];
  #epoch = 0;
  #current = new Epoch();
  #kept: Epoch[] = [];
  readonly #live = new Map<number, number>();
  readonly #assumed: AssumedAccess | undefined;

  constructor(assumed?: AssumedAccess) {
    this.#assumed = assumed;
  }

  /** Epochs that ended, the current one not counted. */
  get ended(): number {
    return this.#epoch;
  }

  /** Pages declared before that epoch. */
  pagesBefore(epoch: number): number {
    const { values, length } = this.pages.declared;
    return values.subarray(0, length).filter((declared) => declared < epoch).length;
  }

  /** The epoch of that index, which must be one of the last three that ended. */
  epoch(index: number): Epoch {
    return this.#kept[index - this.#epoch + this.#kept.length]!;
  }

  /** `region` is an index into `region_names`. */
  page(number: number, region: number): void {
    const { pages } = this;
    // Moved memory can appear where a page still stands: that one is gone then.
    if (this.#live.has(number)) this.unmap(number, 1);
    const index = pages.length;
    this.#live.set(number, index);
    pages.number.push(number);
    pages.region.push(region);
    pages.declared.push(this.#epoch);
    pages.missed.push(0);
    pages.touched_before.push(0);
    pages.written_before.push(0);
    for (const column of [
      pages.unmapped,
      pages.written,
      pages.touched_at,
      pages.written_at,
      pages.touch,
    ]) {
      column.push(never);
    }
    if (this.#epoch > 0) {
      this.#current.changes.push({ kind: 'page', page: index, before: this.#touches });
    }
  }

  /** The first page of a block that was touched after it was given back, if any was. */
  add(columns: Columns): number | undefined {
    const { kind, counts } = columns;
    for (let i = 0; i < columns.events; i += 1) {
      const gap = columns.gap[i]!;
      if (kind[i] === run) {
        const at = 6 * i;
        const lines = counts[at + 3]! + counts[at + 4]! + counts[at + 5]!;
        const accesses = counts[at]! + counts[at + 1]! + counts[at + 2]!;
        const stores = counts[at + 1]! > 0 || this.#assumed === 'write';
        const page = columns.page[i]!;
        if (!this.#run(page, gap, stores, accesses, lines)) return page;
        if (this.#assumed === 'read then write') this.#run(page, 0, true, 0, 0);
      } else if (kind[i] === page) {
        this.page(columns.number[i]!, columns.region[i]!);
      } else if (kind[i] === unmap) {
        this.unmap(columns.number[i]!, columns.extent_pages[i]!);
      } else {
        this.mark(gap);
      }
    }
    return undefined;
  }

  /** False if the page was given back. */
  #run(page: number, gap: number, store: boolean, accesses: number, lines: number): boolean {
    const { pages } = this;
    const current = this.#current;
    const epoch = this.#epoch;
    current.units += gap;
    if (pages.unmapped.values[page] !== never) return false;
    if (store && pages.written.values[page] === never) pages.written.values[page] = epoch;
    pages.missed.values[page]! += lines;
    if (epoch === 0) return true;
    pages.note('touched', page, epoch);
    if (store) pages.note('written', page, epoch);
    const last = pages.touch.values[page]!;
    const of = last < current.touches.length ? current.touches.values[last]! : -1;
    if (of === 2 * page + 1 || (!store && of === 2 * page)) {
      current.lines.values[last]! += lines;
      current.accesses.values[last]! += accesses;
      return true;
    }
    pages.touch.values[page] = current.touches.length;
    current.touches.push(2 * page + (store ? 1 : 0));
    current.lines.push(lines);
    current.accesses.push(accesses);
    current.at.push(current.units);
    return true;
  }

  unmap(first: number, pages: number): void {
    for (const number of this.#numbers(first, pages)) {
      const index = this.#live.get(number);
      if (index === undefined) continue;
      this.#live.delete(number);
      this.pages.unmapped.values[index] = this.#epoch;
    }
    if (this.#epoch > 0) {
      this.#current.changes.push({ kind: 'unmap', first, pages, before: this.#touches });
    }
  }

  /** A mark: the next epoch begins. */
  mark(gap: number): void {
    this.#current.units += gap;
    this.units.push(this.#current.units);
    this.#kept.push(this.#current);
    this.#current = this.#kept.length > 3 ? this.#kept.shift()! : new Epoch();
    this.#current.clear();
    this.#epoch += 1;
  }

  get #touches(): number {
    return this.#current.touches.length;
  }

  /** Those of the numbers that may be live, whichever way is shorter. */
  #numbers(first: number, pages: number): Iterable<number> {
    if (pages < this.#live.size) return Array.from({ length: pages }, (_, i) => first + i);
    return [...this.#live.keys()].filter((each) => each >= first && each < first + pages);
  }
}
