/**
 * Where a trace is cut into parent and child, as CXLfork's experiments have it (section 5): the checkpoint is taken
 * before the last two invocations. Bits are those of a steady state: what each of the last invocations did.
 *
 *     init │ 0 │ 1 … │ n − 4 │ n − 3 │ n − 2 │ n − 1
 *                    └─── marks ─────┤       └ the child's second
 *                                    └ checkpoint, then the child's first
 */

import {
  type Layout,
  marked_accessed,
  marked_dirty,
  no_region,
  type Region,
} from '../memory/layout.ts';
import type { MappingChange } from '../memory/mapping.ts';
import { touchOf } from '../memory/replay.ts';
import { entries_per_leaf, lines_per_page } from '../units.ts';
import { workloadConstants } from './constants.ts';
import { region_names } from './cxltrace/format.ts';
import { type Epoch, never, type TraceEpochs, type TracePages } from './trace-epochs.ts';
import type { TracedInvocation } from './trace-workload.ts';

export interface Fork {
  readonly layout: Layout;
  readonly invocations: readonly TracedInvocation[];
  /** Which recorded invocations the child runs, and from which the marks come, from 0. */
  readonly child: readonly number[];
  readonly marks: { readonly from: number; readonly to: number };
}

/** Three or fewer leave no second invocation to the child; with one or two, none precedes the marks. */
export function cutOf(invocations: number): Pick<Fork, 'child' | 'marks'> {
  const first = invocations >= 4 ? invocations - 2 : invocations - 1;
  const child = invocations >= 4 ? [first, first + 1] : [first];
  if (invocations >= 3) {
    return {
      child,
      marks: {
        from: Math.max(1, first - workloadConstants.steady_invocations.default),
        to: first - 1,
      },
    };
  }
  return { child, marks: { from: 0, to: 0 } };
}

export function forkOf(epochs: TraceEpochs): Fork {
  const cut = cutOf(epochs.ended / 2);
  const checkpoint = 2 * cut.child[0]!;
  const pages = new ForkPages(epochs, checkpoint, cut.marks);
  const layout = pages.layout();
  if (cut.marks.from === 0) pages.markFrom(layout, 1, Math.max(1, checkpoint));
  const [first, second] = cut.child as [number, number?];
  const invocations = [pages.invocation([epochs.epoch(2 * first + 1)])];
  if (second !== undefined) {
    // What happens between the child's invocations is counted with the second.
    const between = [epochs.epoch(2 * second), epochs.epoch(2 * second + 1)];
    invocations.push(pages.invocation(between));
  }
  return { layout, invocations, ...cut };
}

/** The same if the parent wrote nothing more, and its child all that it touches, at once or after a read. */
export function writtenByChild(fork: Fork, when: 'at once' | 'after a read'): Fork {
  const region_of = fork.layout.region_of.slice();
  const invocations = fork.invocations.map((invocation) => {
    for (const touch of invocation.touches) {
      if (region_of[touch >>> 1] === read_file) region_of[touch >>> 1] = file_written_later!;
    }
    const changes = invocation.changes.map((change) =>
      change.kind === 'unmap' ? change : { ...change, kind: 'anonymous' as const },
    );
    if (when === 'at once') {
      return { ...invocation, changes, touches: invocation.touches.map((touch) => touch | 1) };
    }
    const twice = <A extends Uint32Array | Float64Array>(
      values: A,
      second: (value: number) => number,
    ) => Array.from(values).flatMap((value) => [value, second(value)]);
    return {
      ...invocation,
      touches: Uint32Array.from(twice(invocation.touches, (touch) => touch | 1)),
      lines: Float64Array.from(twice(invocation.lines, () => 0)),
      read_lines: Float64Array.from(twice(invocation.read_lines, () => 0)),
      at_units: Float64Array.from(twice(invocation.at_units, (at) => at)),
      changes: changes.map((change) => ({ ...change, before: 2 * change.before })),
    };
  });
  return { ...fork, layout: { ...fork.layout, region_of }, invocations };
}

/** Pages whose content is a file's as long as nobody writes them. */
const of_files = new Set([region_names.indexOf('library'), region_names.indexOf('file')]);

const kinds: readonly Omit<Region, 'start' | 'end'>[] = [
  { name: 'heap', kind: 'anonymous', writable: true },
  { name: 'stack', kind: 'anonymous', writable: true },
  { name: 'other', kind: 'anonymous', writable: true },
  { name: 'data', kind: 'anonymous', writable: true },
  { name: 'library', kind: 'file', writable: false },
  { name: 'data', kind: 'file', writable: true },
];
const names = { heap: 0, stack: 1, anonymous: 2 } as Readonly<Record<string, number>>;
const [written_file, read_file, file_written_later] = [3, 4, 5];

class ForkPages {
  readonly #epochs: TraceEpochs;
  readonly #pages: TracePages;
  readonly #checkpoint: number;
  /** Position of each 2 MiB range that ever holds a page; those that the checkpoint has come first. */
  readonly #leaf_of = new Map<number, number>();
  readonly #resident_leaves: number;
  readonly #steady: readonly number[];

  constructor(epochs: TraceEpochs, checkpoint: number, { from, to }: Fork['marks']) {
    this.#steady = from === 0 ? [] : Array.from({ length: to - from + 1 }, (_, i) => from + i);
    this.#epochs = epochs;
    this.#pages = epochs.pages;
    this.#checkpoint = checkpoint;
    const [resident, later] = [new Set<number>(), new Set<number>()];
    for (let page = 0; page < this.#pages.length; page += 1) {
      const range = Math.floor(this.#pages.number.values[page]! / entries_per_leaf);
      if (this.#isResident(page)) resident.add(range);
      else if (this.#pages.declared.values[page]! > checkpoint) later.add(range);
    }
    const ascending = (a: number, b: number) => a - b;
    for (const range of [...resident].sort(ascending)) this.#leaf_of.set(range, this.#leaf_of.size);
    this.#resident_leaves = this.#leaf_of.size;
    for (const range of [...later].sort(ascending)) {
      if (!resident.has(range)) this.#leaf_of.set(range, this.#leaf_of.size);
    }
  }

  layout(): Layout {
    const slots = this.#leaf_of.size * entries_per_leaf;
    const region_of = new Uint8Array(slots).fill(no_region);
    const marks = new Uint8Array(slots);
    let resident_pages = 0;
    for (let page = 0; page < this.#pages.length; page += 1) {
      if (!this.#isResident(page)) continue;
      const slot = this.#slot(page);
      resident_pages += 1;
      region_of[slot] = this.#kind(page);
      if (this.#isSteady('touched', page)) marks[slot]! |= marked_accessed;
      if (this.#isSteady('written', page)) marks[slot]! |= marked_dirty;
    }
    return {
      regions: kinds.map((kind) => ({ ...kind, start: 0, end: slots })),
      leaf_count: this.#resident_leaves,
      later_leaf_count: this.#leaf_of.size - this.#resident_leaves,
      region_of,
      marks,
      resident_pages,
      vma_count: this.#stretches(region_of),
    };
  }

  /** Whether it was so in each of the last invocations before the checkpoint, what followed one counted with it. */
  #isSteady(what: 'touched' | 'written', page: number): boolean {
    for (const invocation of this.#steady) {
      const epoch = 2 * invocation + 1;
      const was = (of: number) => this.#pages.was(what, page, of);
      if (!was(epoch) && !was(epoch + 1)) return false;
    }
    return this.#steady.length > 0;
  }

  /** Marks what the epochs `[from, to]` touched: too few invocations preceded the child's. */
  markFrom(layout: Layout, from: number, to: number): void {
    for (let epoch = from; epoch <= to; epoch += 1) {
      const { touches } = this.#epochs.epoch(epoch);
      for (const touch of touches.values.subarray(0, touches.length)) {
        if (!this.#isResident(touch >>> 1)) continue;
        layout.marks[this.#slot(touch >>> 1)]! |=
          touch & 1 ? marked_accessed | marked_dirty : marked_accessed;
      }
    }
  }

  invocation(parts: readonly Epoch[]): TracedInvocation {
    const length = parts.reduce((sum, { touches }) => sum + touches.length, 0);
    const touches = new Uint32Array(length);
    const lines = new Float64Array(length);
    const read_lines = new Float64Array(length);
    const unread = new Map<number, number>();
    const at_units = new Float64Array(length);
    const changes: MappingChange[] = [];
    let at = 0;
    let units = 0;
    for (const part of parts) {
      for (let i = 0; i < part.touches.length; i += 1) {
        const touch = part.touches.values[i]!;
        touches[at + i] = touchOf(this.#slot(touch >>> 1), (touch & 1) === 1);
        lines[at + i] = part.lines.values[i]!;
        at_units[at + i] = units + part.at.values[i]!;
      }
      for (const change of part.changes) {
        const before = at + change.before;
        if (change.kind === 'page') changes.push(this.#mapped(change.page, before));
        else changes.push(...this.#unmapped(change.first, change.pages, before));
      }
      this.#readBy(part, unread, read_lines.subarray(at));
      at += part.touches.length;
      units += part.units;
    }
    return { touches, lines, read_lines, at_units, units, changes };
  }

  /**
   * Lines of each page that a touch reads and no touch before it: in all as many as the whole trace missed of the
   * page, since its first touch of a line misses in any cache, and no more than accesses.
   */
  #readBy({ touches, accesses }: Epoch, unread: Map<number, number>, read: Float64Array): void {
    for (let i = 0; i < touches.length; i += 1) {
      const page = touches.values[i]! >>> 1;
      const left = unread.get(page) ?? Math.min(lines_per_page, this.#pages.missed.values[page]!);
      read[i] = Math.min(left, accesses.values[i]!);
      unread.set(page, left - read[i]!);
    }
  }

  #mapped(page: number, before: number): MappingChange {
    const start = this.#slot(page);
    const clean = this.#pages.written.values[page] === never;
    const kind = clean && of_files.has(this.#pages.region.values[page]!) ? 'file' : 'anonymous';
    return { kind, start, end: start + 1, before };
  }

  /** One change for each leaf, since the kernel copies an attached one before it takes pages out. */
  #unmapped(first: number, pages: number, before: number): MappingChange[] {
    const low = Math.floor(first / entries_per_leaf);
    const high = Math.floor((first + pages - 1) / entries_per_leaf);
    const ranges =
      high - low < this.#leaf_of.size
        ? Array.from({ length: high - low + 1 }, (_, i) => low + i)
        : [...this.#leaf_of.keys()].filter((range) => range >= low && range <= high);
    return ranges.flatMap((range) => {
      const leaf = this.#leaf_of.get(range);
      if (leaf === undefined) return [];
      const slotAt = (number: number) => (leaf - range) * entries_per_leaf + number;
      const start = slotAt(Math.max(first, range * entries_per_leaf));
      const end = slotAt(Math.min(first + pages, (range + 1) * entries_per_leaf));
      // A trace tells of pages, not of mappings: a leaf of the checkpoint may hold some that nobody touched.
      const leaf_goes = leaf >= this.#resident_leaves;
      return [{ kind: 'unmap', start, end, before, leaf_goes } as const];
    });
  }

  #isResident(page: number): boolean {
    const { declared, unmapped } = this.#pages;
    return declared.values[page]! <= this.#checkpoint && unmapped.values[page]! > this.#checkpoint;
  }

  #slot(page: number): number {
    const number = this.#pages.number.values[page]!;
    const leaf = this.#leaf_of.get(Math.floor(number / entries_per_leaf))!;
    return leaf * entries_per_leaf + (number % entries_per_leaf);
  }

  /** Index into `kinds`: a page of a file that was written before is private memory. */
  #kind(page: number): number {
    const region = this.#pages.region.values[page]!;
    if (!of_files.has(region)) return names[region_names[region]!]!;
    const written = this.#pages.written.values[page]!;
    if (written <= this.#checkpoint) return written_file;
    return written === never ? read_file : file_written_later;
  }

  /** Runs of one kind of memory, holes within 2 MiB overlooked: about as many as there are VMAs. */
  #stretches(region_of: Uint8Array): number {
    let stretches = 0;
    let last = no_region;
    let last_range = Number.NaN;
    for (const [range, leaf] of this.#leaf_of) {
      if (leaf >= this.#resident_leaves) break;
      if (range !== last_range + 1) last = no_region;
      last_range = range;
      for (let i = leaf * entries_per_leaf; i < (leaf + 1) * entries_per_leaf; i += 1) {
        const region = region_of[i]!;
        if (region === no_region || region === last) continue;
        last = region;
        stretches += 1;
      }
    }
    return stretches;
  }
}
