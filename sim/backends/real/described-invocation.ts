/** One invocation as a recording has it, from what a kernel traced of a child that copies each page it touches. */

import { entries_per_leaf, page_bytes } from '../../units.ts';
import type { Recording } from '../../workload/live-function.ts';
import { isFault, type MappingCall, type MemoryEvent } from './memory-trace.ts';
import { type PageRange, PageRanges } from './page-ranges.ts';
import type { Mapping } from './process-memory.ts';
import { type ScannedPage, scanned } from './rforkctl.ts';

type Described = Pick<Recording, 'touches' | 'changes'>;

/** A child when its invocation has ended. */
export interface AfterInvocation {
  readonly pages: readonly ScannedPage[];
  readonly mappings: readonly Mapping[];
}

/**
 * Touches of the checkpoint's pages in order, as runs, and what came or went between them. Pages that are gone keep no
 * D bit: `written` tells, where it is known, what the invocation wrote.
 */
export function describeInvocation(
  events: readonly MemoryEvent[],
  after: AfterInvocation,
  checkpointed: readonly ScannedPage[],
  mappings_before: readonly PageRange[],
  written: ReadonlySet<number> = new Set(),
): Described {
  const { mappings } = after;
  const flags_after = new Map(
    after.pages.map(({ address, flags }) => [address / page_bytes, flags]),
  );
  const last_fault = new Map<number, number>();
  const last_copy = new Map<number, number>();
  for (const [index, event] of events.entries()) {
    if (!isFault(event)) continue;
    last_fault.set(event.page, index);
    if (event.copies) last_copy.set(event.page, index);
  }
  const held = new Set(checkpointed.map(({ address }) => address / page_bytes));
  const came = new Set<number>();
  const leaves = new Set([...held, ...last_fault.keys()].map(leafOf));
  const mapped = new PageRanges(mappings_before);
  const runs = new Runs();
  for (const [index, event] of events.entries()) {
    if (!isFault(event)) {
      const pages = [held, came].flatMap((set) => [...set].filter((page) => isIn(page, event)));
      // A call that fails takes nothing: its pages are still there.
      const failed = pages.some(
        (page) =>
          (last_copy.get(page) ?? -1) > index ||
          (flags_after.has(page) && (last_fault.get(page) ?? -1) < index),
      );
      if (takes(event) && failed) continue;
      const changed = changedBy(event, mapped).flatMap((range) => inLeaves(range, leaves));
      if (event.does === 'unmaps') mapped.remove(event);
      if (event.does === 'maps' || event.does === 'grows') mapped.add(event);
      for (const part of changed) {
        runs.change(
          part.first,
          part.end - part.first,
          takes(event) ? backOf(part.first, mapped) : 'leaf',
        );
      }
      if (takes(event)) for (const page of pages) if (!held.delete(page)) came.delete(page);
    } else if (event.copies) {
      // What lies there in the end may be another page, come after this one was given back.
      const replaced = events.some(
        (later, at) => at > index && takes(later) && isIn(event.page, later),
      );
      const dirty = !replaced && ((flags_after.get(event.page) ?? 0) & scanned.dirty) > 0;
      runs.touch(event.page, event.write || written.has(event.page) || dirty);
    } else if (!came.has(event.page) && !(held.has(event.page) && last_copy.has(event.page))) {
      // The fault in which a page of the checkpoint is copied is told twice; one that is never copied is another page,
      // come where the checkpoint's was.
      if (held.delete(event.page)) runs.change(event.page, 1, 'back');
      came.add(event.page);
      const kind = isNobodys(mappings, event.page, flags_after) ? 'file' : 'anonymous';
      runs.change(event.page, 1, kind);
    }
  }
  // What no call told of, on kernels that trace none.
  const in_the_end = new PageRanges(mappings);
  const goesUnseen = (page: number) => runs.change(page, 1, backOf(page, in_the_end));
  for (const page of [...held].sort((a, b) => a - b)) {
    // What was never touched has no entry yet: only what was can be missing within a mapping.
    const is_mapped = mappingOf(mappings, page) !== undefined;
    if (!is_mapped || (!flags_after.has(page) && last_copy.has(page))) goesUnseen(page);
  }
  for (const page of [...came].sort((a, b) => a - b)) {
    if (!flags_after.has(page) && !isFile(mappings, page)) goesUnseen(page);
  }
  return { touches: runs.touches, changes: runs.changes };
}

/** Linux frees a leaf with the last mapping in its range (`free_pgtables`), and keeps an empty one before. */
function backOf(page: number, mapped: PageRanges): 'back' | 'back with leaf' {
  const first = leafOf(page) * entries_per_leaf;
  const left = mapped.within({ first, end: first + entries_per_leaf });
  return left.length > 0 ? 'back' : 'back with leaf';
}

/** Where a call changes entries of the page table, or tells the module that it may. */
function changedBy(call: MappingCall, mapped: PageRanges): PageRange[] {
  const there = mapped.within(call);
  switch (call.does) {
    case 'maps':
      return [call];
    case 'grows':
      return [];
    case 'unmaps':
      return there.length > 0 ? [call] : [];
    case 'empties':
    case 'protects':
      return there;
  }
}

/** The parts of a range that lie in these leaves. */
function inLeaves({ first, end }: PageRange, leaves: ReadonlySet<number>): PageRange[] {
  return [...leaves]
    .sort((a, b) => a - b)
    .map((leaf) => ({
      first: Math.max(first, leaf * entries_per_leaf),
      end: Math.min(end, (leaf + 1) * entries_per_leaf),
    }))
    .filter((part) => part.first < part.end);
}

function leafOf(page: number): number {
  return Math.floor(page / entries_per_leaf);
}

function takes(event: MemoryEvent): event is MappingCall {
  return !isFault(event) && (event.does === 'unmaps' || event.does === 'empties');
}

function isIn(page: number, { first, end }: PageRange): boolean {
  return first <= page && page < end;
}

/** Neighbours that are touched, or come or go, one after the other are one entry. */
class Runs {
  readonly touches: [number, number, 0 | 1][] = [];
  readonly changes: [number, number, number, Recording['changes'][number][3]][] = [];
  readonly #touched = new Set<number>();

  touch(page: number, write: boolean): void {
    if (this.#touched.has(page)) return;
    this.#touched.add(page);
    const writes = write ? 1 : 0;
    const last = this.touches.at(-1);
    if (last && last[0] + last[1] === page && last[2] === writes) last[1] += 1;
    else this.touches.push([page, 1, writes]);
  }

  change(first: number, count: number, kind: Recording['changes'][number][3]): void {
    const before = this.#touched.size;
    const last = this.changes.at(-1);
    const follows = last && last[0] + last[1] === first;
    if (follows && last[2] === before && last[3] === kind) last[1] += count;
    else this.changes.push([first, count, before, kind]);
  }
}

/**
 * A page of a file is nobody's own until it is written in a private mapping; one of private memory that was only
 * read is the kernel's page of zeros.
 */
function isNobodys(
  mappings: readonly Mapping[],
  page: number,
  flags_after: ReadonlyMap<number, number>,
): boolean {
  const flags = flags_after.get(page);
  if (flags === undefined || mappingOf(mappings, page)?.shared) return isFile(mappings, page);
  return (flags & scanned.dirty) === 0;
}

/** Pages of files and of the kernel itself. */
function isFile(mappings: readonly Mapping[], page: number): boolean {
  const mapping = mappingOf(mappings, page);
  return mapping !== undefined && (mapping.name.startsWith('/') || mapping.name.startsWith('[v'));
}

function mappingOf(mappings: readonly Mapping[], page: number): Mapping | undefined {
  return mappings.find(({ first, end: last }) => first <= page && page < last);
}
