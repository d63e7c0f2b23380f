/** A last-level cache of whole pages: which of an invocation's lines it holds. */

import type { KernelCosts } from './kernel-costs.ts';
import { LruCache } from './lru-cache.ts';
import { frameOf, in_cxl } from './page-table.ts';
import { RandomCache } from './random-cache.ts';

/** Whether the page was there; it is afterwards. */
export interface PageCache {
  access(key: number): boolean;
}

/** An empty one. */
export function pageCache(
  replacement: KernelCosts['llc_replacement'],
  pages: number,
  seed: number,
): PageCache {
  return replacement === 'random' ? new RandomCache(pages, seed) : new LruCache(pages);
}

/** The page that an entry maps, as a key: frames of both memories. */
export function cacheKey(entry: number): number {
  return frameOf(entry) * 2 + (entry & in_cxl ? 1 : 0);
}

/** What an invocation's touches read. */
export interface ReadLines {
  /** Touches in program order, `slot << 1 | store`. */
  readonly touches: Uint32Array;
  /** Lines that each touch misses if its page was not cached when it was touched first: as many for all, or a number for each. */
  readonly lines: number | Float64Array;
  /** Lines that each misses although its page is cached; none if absent. */
  readonly cached_lines?: Float64Array;
}

/**
 * Lines that one invocation misses, touch by touch. A page comes into the cache at its first touch, its lines
 * with the touches that read them.
 */
export class MissedLines {
  readonly #lines: number;
  readonly #each_lines: Float64Array | undefined;
  readonly #cached_lines: Float64Array | undefined;
  readonly #cache: PageCache | undefined;
  /** 1 for pages whose lines come in this invocation. */
  readonly #coming: Uint8Array;
  /** Whether the page of the last touch was not cached at its first. */
  comes = false;

  /** Without a cache every touch misses. */
  constructor({ lines, cached_lines }: ReadLines, slots: number, cache: PageCache | undefined) {
    this.#lines = typeof lines === 'number' ? lines : 0;
    this.#each_lines = typeof lines === 'number' ? undefined : lines;
    this.#cached_lines = cached_lines;
    this.#cache = cache;
    this.#coming = new Uint8Array(this.#each_lines ? slots : 0);
  }

  /** Of the touch at `index`, whose page is `slot` and now has the key. */
  at(index: number, slot: number, key: number): number {
    const each = this.#each_lines;
    this.comes = !(this.#cache?.access(key) ?? false);
    if (each === undefined) return this.comes ? this.#lines : 0;
    if (this.comes) this.#coming[slot] = 1;
    else this.comes = this.#coming[slot] === 1;
    return this.comes ? each[index]! : (this.#cached_lines?.[index] ?? 0);
  }
}
