/** A live function as the memory model needs it: every page at its own place, every first touch. */

import type { Invocation } from '../memory/invocation.ts';
import type { KernelCosts } from '../memory/kernel-costs.ts';
import { type Layout, no_region } from '../memory/layout.ts';
import type { MappingChange } from '../memory/mapping.ts';
import { touchOf } from '../memory/replay.ts';
import { entries_per_leaf, lines_per_page, ns_per_ms } from '../units.ts';
import { ofAnyFunction } from './being-cold.ts';
import type { FunctionModel } from './function-model.ts';
import type { LiveFunction, Recording } from './live-function.ts';

/** The recorded process, its pages in the leaves that their addresses name. */
export interface LiveLayout extends Layout {
  /** Slot of a page number. */
  slotOf(page: number): number;
}

export function liveLayout({
  regions,
  pages,
  changes,
  mapping_ends,
  vma_count,
}: Pick<Recording, 'regions' | 'pages' | 'changes' | 'mapping_ends' | 'vma_count'>): LiveLayout {
  const leaf_of = new Map<number, number>();
  const addLeaf = (page: number) => {
    const range = Math.floor(page / entries_per_leaf);
    if (!leaf_of.has(range)) leaf_of.set(range, leaf_of.size);
  };
  for (const page of eachPage(pages)) addLeaf(page);
  const leaf_count = leaf_of.size;
  for (const page of eachPage(changes)) addLeaf(page);
  const slotOf = (page: number) =>
    leaf_of.get(Math.floor(page / entries_per_leaf))! * entries_per_leaf +
    (page % entries_per_leaf);
  const slots = leaf_of.size * entries_per_leaf;
  const region_of = new Uint8Array(slots).fill(no_region);
  const marks = new Uint8Array(slots);
  let resident_pages = 0;
  for (const [first, count, region, marked] of pages) {
    for (let page = first; page < first + count; page += 1) {
      region_of[slotOf(page)] = region;
      marks[slotOf(page)] = marked;
    }
    resident_pages += count;
  }
  return {
    // Kinds of memory rather than runs of it: each lies in many places.
    regions: regions.map((region) => ({ ...region, start: 0, end: slots })),
    leaf_count,
    later_leaf_count: leaf_of.size - leaf_count,
    region_of,
    marks,
    resident_pages,
    vma_count,
    ends: endsOf(leaf_of, mapping_ends),
    slotOf,
  };
}

/** Last slots of mappings, and of leaves that another leaf follows than the next in the address space. */
function endsOf(
  leaf_of: ReadonlyMap<number, number>,
  mapping_ends: readonly number[],
): Set<number> {
  const ends = new Set<number>();
  for (const [range, leaf] of leaf_of) {
    if (leaf_of.get(range + 1) !== leaf + 1) ends.add((leaf + 1) * entries_per_leaf - 1);
  }
  for (const end of mapping_ends) {
    const leaf = leaf_of.get(Math.floor((end - 1) / entries_per_leaf));
    if (leaf !== undefined) ends.add(leaf * entries_per_leaf + ((end - 1) % entries_per_leaf));
  }
  return ends;
}

export function liveModel(live: LiveFunction, costs: KernelCosts): FunctionModel {
  const { recording, warm_ms, initialisation_ms } = live;
  if (recording === undefined) throw new RangeError(`${live.name} was never recorded`);
  const layout = liveLayout(recording);
  const invocation = {
    ...invocationOf(recording, layout, Math.round(warm_ms * ns_per_ms)),
    ...ofAnyFunction(costs),
  };
  return {
    layout,
    initialisation_ns: Math.round(initialisation_ms * ns_per_ms),
    invocation: (index) => (index === 0 ? invocation : undefined),
  };
}

function invocationOf(
  recording: Recording,
  layout: LiveLayout,
  execution_ns: number,
): Omit<Invocation, 'exposed_share' | 'first_touch_ns'> {
  const { touches, minor_faults } = recording;
  const changes = changesOf(recording, layout);
  const came = changes.filter(({ kind }) => kind === 'anonymous' || kind === 'file').length;
  return {
    touches: Uint32Array.from(
      touches.flatMap(([first, count, writes]) =>
        Array.from({ length: count }, (_, i) => touchOf(layout.slotOf(first + i), writes === 1)),
      ),
    ),
    lines: lines_per_page,
    changes,
    new_pages: 0,
    // A page of zeros, say, is read and then written.
    new_page_faults: Math.max(0, minor_faults - came),
    execution_ns,
  };
}

function changesOf({ changes }: Recording, layout: LiveLayout): MappingChange[] {
  return changes.flatMap(([first, count, before, kind]) =>
    withinLeaves(first, count).flatMap(([begin, length]): MappingChange[] => {
      const start = layout.slotOf(begin);
      const whole = { before, start, end: start + length };
      if (kind === 'leaf') return [{ ...whole, kind }];
      if (kind === 'back') return [{ ...whole, kind: 'unmap' }];
      if (kind === 'back with leaf') return [{ ...whole, kind: 'unmap', leaf_goes: true }];
      return Array.from({ length }, (_, i) => {
        return { before, start: start + i, end: start + i + 1, kind };
      });
    }),
  );
}

/** The parts of a run of pages, each within one leaf. */
function withinLeaves(first: number, count: number): [first: number, count: number][] {
  const parts: [number, number][] = [];
  for (let start = first; start < first + count; ) {
    const end = Math.min(first + count, start - (start % entries_per_leaf) + entries_per_leaf);
    parts.push([start, end - start]);
    start = end;
  }
  return parts;
}

/** The page numbers of runs. */
function* eachPage(runs: Iterable<readonly [first: number, count: number, ...unknown[]]>) {
  for (const [first, count] of runs) {
    for (let page = first; page < first + count; page += 1) yield page;
  }
}
