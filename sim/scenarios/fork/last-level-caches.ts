/** The last-level caches of the nodes that children run on, empty at first; children of a node share one. */

import type { AddressSpace } from '../../memory/address-space.ts';
import type { Machine } from '../../memory/machine.ts';
import { cacheKey, type PageCache, pageCache } from '../../memory/page-cache.ts';
import { mapped_young } from '../../memory/page-table.ts';
import { bytes_per_mb, entries_per_leaf, page_bytes } from '../../units.ts';

export class LastLevelCaches {
  readonly pages: number;
  readonly #machine: Machine;
  readonly #seed: number;
  readonly #caches = new Map<number, PageCache>();

  constructor(machine: Machine, seed: number) {
    this.pages = Math.floor((machine.fabric.settings.node.llc_mb * bytes_per_mb) / page_bytes);
    this.#machine = machine;
    this.#seed = seed;
  }

  /** The cache of the child's node, through which the pages went that its restore copied in bulk. */
  after(child: AddressSpace): PageCache {
    const cache = this.#caches.get(child.node) ?? this.#empty();
    this.#caches.set(child.node, cache);
    const { entries } = this.#machine.leaves;
    for (let leaf = 0; leaf < child.layout.leaf_count; leaf += 1) {
      const base = child.leaf_base[leaf]!;
      for (let position = base; position < base + entries_per_leaf; position += 1) {
        const entry = entries[position]!;
        if (entry & mapped_young) cache.access(cacheKey(entry));
      }
    }
    return cache;
  }

  #empty(): PageCache {
    return pageCache(this.#machine.costs.llc_replacement, this.pages, this.#seed);
  }
}
