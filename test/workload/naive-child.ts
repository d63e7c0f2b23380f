/**
 * A restored child as Linux and the module keep it, page by page and without any cleverness: mappings, entries, and
 * page-table leaves, which go as `free_pgtables` has it. It counts what the kernel counts, and tells what it would trace.
 */

import type { MappingCall, MemoryEvent } from '../../sim/backends/real/memory-trace.ts';
import { scanned } from '../../sim/backends/real/rforkctl.ts';
import type { Placement } from '../../sim/policy.ts';

const leaf_pages = 512;

type Entry = 'in checkpoint' | 'deferred' | 'zeros' | 'clean' | 'dirty';

export type Step =
  | { readonly what: 'touch'; readonly page: number; readonly store: boolean }
  | {
      readonly what: 'map' | 'grow' | 'protect' | 'unmap' | 'empty';
      readonly first: number;
      readonly count: number;
    };

export class NaiveChild {
  readonly events: MemoryEvent[] = [];
  readonly counts = {
    leaves_attached: 0,
    leaves_built: 0,
    leaves_unshared: 0,
    cow_faults: 0,
    migration_faults: 0,
    minor_faults: 0,
    pages_copied: 0,
  };
  readonly #mapped: Set<number>;
  readonly #entries = new Map<number, Entry>();
  readonly #leaves = new Map<number, 'attached' | 'own'>();

  constructor(mapped: Iterable<number>, placed: ReadonlyMap<number, Placement>) {
    this.#mapped = new Set(mapped);
    for (const [page, placement] of placed) {
      const leaf = Math.floor(page / leaf_pages);
      const own = placement !== 'migrate-on-write' || this.#leaves.get(leaf) === 'own';
      this.#leaves.set(leaf, own ? 'own' : 'attached');
      if (placement === 'migrate-now') this.counts.pages_copied += 1;
      const entries = { 'migrate-now': 'clean', 'migrate-on-access': 'deferred' } as const;
      this.#entries.set(
        page,
        placement === 'migrate-on-write' ? 'in checkpoint' : entries[placement],
      );
    }
    for (const leaf of this.#leaves.values()) {
      this.counts[leaf === 'own' ? 'leaves_built' : 'leaves_attached'] += 1;
    }
  }

  do(step: Step): void {
    if (step.what === 'touch') this.#touch(step.page, step.store);
    else this.#call(step.what, step.first, step.first + step.count);
  }

  #call(what: Exclude<Step['what'], 'touch'>, first: number, end: number): void {
    const does = {
      map: 'maps',
      grow: 'grows',
      protect: 'protects',
      unmap: 'unmaps',
      empty: 'empties',
    };
    const pages = Array.from({ length: end - first }, (_, i) => first + i);
    const mapped = pages.filter((page) => this.#mapped.has(page));
    // The heap grows into nothing.
    if (what === 'grow' && mapped.length > 0) return;
    this.events.push({ first, end, does: does[what] as MappingCall['does'] });
    if (what === 'map' || (what === 'unmap' && mapped.length > 0)) {
      for (const page of pages) this.#unshareLeaf(page, 'if there');
    }
    if (what === 'empty' || what === 'protect') {
      for (const page of mapped) this.#unshareLeaf(page, 'if there');
    }
    if (what === 'map' || what === 'grow') for (const page of pages) this.#mapped.add(page);
    if (what === 'unmap' || what === 'empty') for (const page of pages) this.#entries.delete(page);
    if (what === 'unmap' && mapped.length > 0) {
      for (const page of pages) this.#mapped.delete(page);
      this.#freeTables(mapped[0]!, mapped.at(-1)! + 1);
    }
  }

  #touch(page: number, store: boolean): void {
    if (!this.#mapped.has(page)) return;
    const entry = this.#entries.get(page);
    const faults = { page, write: store };
    if (entry === 'in checkpoint' && store) {
      this.#unshareLeaf(page, 'or new');
      this.counts.cow_faults += 1;
      this.counts.pages_copied += 1;
      this.events.push({ ...faults, copies: false }, { ...faults, copies: true });
    } else if (entry === 'deferred') {
      this.counts.migration_faults += 1;
      this.counts.pages_copied += 1;
      this.events.push({ ...faults, copies: false }, { ...faults, copies: true });
    } else if (entry === undefined || (entry === 'zeros' && store)) {
      this.#unshareLeaf(page, 'or new');
      this.counts.minor_faults += 1;
      this.events.push({ ...faults, copies: false });
    } else if (!store || entry === 'dirty') {
      return;
    }
    if (entry === 'in checkpoint' && !store) return;
    const clean = entry === undefined || entry === 'zeros' ? 'zeros' : 'clean';
    this.#entries.set(page, store ? 'dirty' : clean);
  }

  #unshareLeaf(page: number, otherwise: 'if there' | 'or new'): void {
    const leaf = Math.floor(page / leaf_pages);
    const kept = this.#leaves.get(leaf);
    if (kept === 'attached') this.counts.leaves_unshared += 1;
    if (kept !== undefined || otherwise === 'or new') this.#leaves.set(leaf, 'own');
  }

  /** mm/memory.c, `free_pgd_range` with the floor and ceiling that `free_pgtables` gives it. */
  #freeTables(start: number, stop: number): void {
    const below = [...this.#mapped].filter((page) => page < start);
    const above = [...this.#mapped].filter((page) => page >= stop);
    const floor = below.length > 0 ? Math.max(...below) + 1 : 0;
    let ceiling = above.length > 0 ? Math.min(...above) : 2 ** 36;
    let [address, end] = [start - (start % leaf_pages), stop];
    if (address < floor) address += leaf_pages;
    ceiling -= ceiling % leaf_pages;
    if (end - 1 > ceiling - 1) end -= leaf_pages;
    if (address > end - 1) return;
    for (let at = address; at < end; at += leaf_pages) this.#leaves.delete(at / leaf_pages);
  }

  /** Anonymous pages and leaves of its own: RssAnon, and VmPTE without upper levels. */
  localPages(): number {
    const own = [...this.#entries.values()].filter(
      (entry) => entry === 'clean' || entry === 'dirty',
    );
    return own.length + [...this.#leaves.values()].filter((leaf) => leaf === 'own').length;
  }

  /** What the module's scan of the process says. */
  scan(): { address: number; flags: number }[] {
    const flags = { dirty: scanned.dirty | scanned.accessed, clean: scanned.accessed, zeros: 0 };
    return [...this.#entries]
      .filter(([, entry]) => entry !== 'deferred')
      .sort(([a], [b]) => a - b)
      .map(([page, entry]) => {
        return { address: page * 4096, flags: flags[entry as keyof typeof flags] ?? 0 };
      });
  }

  mappings() {
    const pages = [...this.#mapped].sort((a, b) => a - b);
    const kept: { first: number; end: number; writable: true; shared: false; name: '' }[] = [];
    for (const page of pages) {
      const last = kept.at(-1);
      if (last?.end === page) last.end += 1;
      else kept.push({ first: page, end: page + 1, writable: true, shared: false, name: '' });
    }
    return kept;
  }
}
