/**
 * Which pages a recording ever saw, as ranges: a region of gigabytes is one of them. Pages get their
 * indices in the order of addresses, so that the pages of each range that was added follow each other.
 */

import { page_limit } from '../../workload/cxltrace/format.ts';
import type { Fail } from './page-index.ts';

/** Page numbers `[first, end)`. */
export interface PageRange {
  readonly first: number;
  readonly end: number;
}

/** Added ranges that wait to be merged. */
const most_pending = 1 << 16;

export class PageRanges {
  /** Rising, and apart from each other. */
  #merged: readonly PageRange[] = [];
  #pending: PageRange[] = [];
  /** Pages of the merged ranges, and of the pending ones as if none was known. */
  #known = 0;
  #at_most = 0;
  /** Index of each merged range's first page. */
  #index: Float64Array | undefined;

  /** `fail` blames the place that was just read for one page too many. */
  add(range: PageRange, fail: Fail): void {
    if (this.#holds(range)) return;
    this.#pending.push(range);
    this.#at_most += range.end - range.first;
    this.#index = undefined;
    if (this.#at_most <= page_limit && this.#pending.length < most_pending) return;
    this.#merge();
    if (this.#known > page_limit) {
      fail(`more than ${page_limit} pages`, 'expected a process of less memory');
    }
  }

  /** All that was added, in rising addresses. */
  ranges(): readonly PageRange[] {
    this.#merge();
    return this.#merged;
  }

  /** Of a page that was added, among all of them. */
  indexOf(page: number): number {
    this.#index ??= indices(this.ranges());
    const at = rangeAt(this.#merged, page);
    return this.#index[at]! + page - this.#merged[at]!.first;
  }

  #holds({ first, end }: PageRange): boolean {
    const range = this.#merged[rangeAt(this.#merged, first)];
    return range !== undefined && range.first <= first && end <= range.end;
  }

  #merge(): void {
    if (this.#pending.length === 0) return;
    const sorted = [...this.#merged, ...this.#pending].sort((a, b) => a.first - b.first);
    const merged: { first: number; end: number }[] = [];
    for (const { first, end } of sorted) {
      const last = merged.at(-1);
      if (last === undefined || first > last.end) merged.push({ first, end });
      else if (end > last.end) last.end = end;
    }
    this.#merged = merged;
    this.#pending = [];
    this.#known = merged.reduce((sum, { first, end }) => sum + end - first, 0);
    this.#at_most = this.#known;
  }
}

/** Of ranges that rise and are apart, the position of the first that ends above the page. */
export function rangeAt(ranges: readonly PageRange[], page: number): number {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ranges[middle]!.end <= page) low = middle + 1;
    else high = middle;
  }
  return low;
}

function indices(ranges: readonly PageRange[]): Float64Array {
  const index = new Float64Array(ranges.length);
  let pages = 0;
  for (const [i, { first, end }] of ranges.entries()) {
    index[i] = pages;
    pages += end - first;
  }
  return index;
}
