/**
 * Accesses counted per page, as the recorder counts them (traces/recorder/window.c): a window ends when
 * it holds so many pages or has lasted so many instructions, and its pages stand in the order of their
 * first touch.
 */

import type { Counts } from '../../workload/cxltrace/format.ts';
import type { RecorderCache } from './recorder-cache.ts';

/** Positions among a run's counts. */
export const load = 0;
export const store = 1;
export const fetch = 2;
export type Access = typeof load | typeof store | typeof fetch;

/** One page's accesses within a window. */
export interface Run {
  readonly page: number;
  readonly gap: number;
  readonly counts: Counts;
  /** Whether its first access fetched an instruction. */
  readonly fetched: boolean;
}

const page_lines = 64;
const line_bytes = 64;
const counted = 6;

export class PageWindow {
  /** The window must be flushed before the next access. */
  full = false;
  private readonly most_pages: number;
  private readonly most_instructions: number;
  private readonly cache: RecorderCache | undefined;
  private readonly page: Float64Array;
  private readonly first_touch: Float64Array;
  private readonly first_access: Uint8Array;
  private readonly counts: Float64Array;
  /** Hash table of row + 1; at most half full. */
  private readonly rows: Uint32Array;
  private held = 0;
  private last_page = -1;
  private last_row = 0;
  private instructions = 0;
  private told = 0;
  private window_end: number;

  constructor(most_pages: number, most_instructions: number, cache: RecorderCache | undefined) {
    this.most_pages = most_pages;
    this.most_instructions = most_instructions;
    this.cache = cache;
    // One access may touch pages beyond the limit, which then stand in this window still.
    const room = most_pages + 32;
    this.page = new Float64Array(room);
    this.first_touch = new Float64Array(room);
    this.first_access = new Uint8Array(room);
    this.counts = new Float64Array(counted * room);
    let size = 1;
    while (size < 2 * room) size *= 2;
    this.rows = new Uint32Array(size);
    this.window_end = most_instructions;
  }

  /** An instruction is counted where it begins; other accesses in each line that they touch. */
  touch(address: number, bytes: number, access: Access): void {
    const line = Math.floor(address / line_bytes);
    this.touchLine(line, access);
    if (access === fetch) {
      this.instructions += 1;
    } else {
      const last = Math.floor((address + bytes - 1) / line_bytes);
      for (let each = line + 1; each <= last; each += 1) this.touchLine(each, access);
    }
    this.full = this.held >= this.most_pages || this.instructions >= this.window_end;
  }

  /** The window's runs, which are forgotten. */
  *flush(): Generator<Run, void, void> {
    for (let row = 0; row < this.held; row += 1) {
      const counts = [...this.counts.subarray(counted * row, counted * (row + 1))];
      const at = this.first_touch[row]!;
      yield {
        page: this.page[row]!,
        gap: at - this.told,
        counts: counts as unknown as Counts,
        fetched: this.first_access[row] === fetch,
      };
      this.told = at;
    }
    this.rows.fill(0);
    this.held = 0;
    this.last_page = -1;
    this.full = false;
    this.window_end = this.instructions + this.most_instructions;
  }

  /** Instructions since the last run that was flushed, or since this was asked before. */
  passed(): number {
    const gap = this.instructions - this.told;
    this.told = this.instructions;
    return gap;
  }

  /** Of the whole log so far. */
  get counted_instructions(): number {
    return this.instructions;
  }

  private touchLine(line: number, access: Access): void {
    const page = Math.floor(line / page_lines);
    const at = counted * (page === this.last_page ? this.last_row : this.rowOf(page, access));
    this.counts[at + access]! += 1;
    if (this.cache?.misses(line, access === fetch)) this.counts[at + 3 + access]! += 1;
  }

  private rowOf(page: number, access: Access): number {
    const mask = this.rows.length - 1;
    let bucket = (Math.imul(page | 0, 0x9e3779b1) >>> 12) & mask;
    for (; this.rows[bucket] !== 0; bucket = (bucket + 1) & mask) {
      const row = this.rows[bucket]! - 1;
      if (this.page[row] === page) return this.seen(page, row);
    }
    const row = this.held;
    this.held += 1;
    this.rows[bucket] = row + 1;
    this.page[row] = page;
    this.first_touch[row] = this.instructions;
    this.first_access[row] = access;
    this.counts.fill(0, counted * row, counted * (row + 1));
    return this.seen(page, row);
  }

  private seen(page: number, row: number): number {
    this.last_page = page;
    this.last_row = row;
    return row;
  }
}
