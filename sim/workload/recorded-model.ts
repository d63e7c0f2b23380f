/** A recorded page-access trace as a function: every page it touched, every miss in its order. */

import {
  layOut,
  marked_accessed,
  marked_dirty,
  type PageKind,
  type RegionName,
  slotsOf,
} from '../memory/image.ts';
import { touchOf } from '../memory/replay.ts';
import type { RecordedTrace } from '../workload.ts';
import type { FunctionModel } from './function-model.ts';

/** Latency that the assumed instruction rate already contains. */
const reference_latency_ns = 100;

/**
 * Share of a missed line's latency that a recorded program waits for: nothing measured it, so the
 * median over the six profiles that have published results stands here (docs/model.md).
 */
export const assumed_exposed_share = 0.08;

/** A part of the recorded process that is laid out together. */
interface Part {
  readonly name: RegionName;
  readonly kind: PageKind;
  readonly writable: boolean;
  /** Recorded pages in first-touch order, which stands in for their unknown address order. */
  readonly members: readonly number[];
}

export function recordedModel(
  trace: RecordedTrace,
  costs: { readonly fault_ns: number },
): FunctionModel {
  const { pages } = trace;
  const parts = partsOf(trace);
  const image = layOut(
    parts.map(({ members, ...part }) => ({
      ...part,
      marks: Uint8Array.from(members, (page) =>
        pages.stores[page]! > 0 ? marked_accessed | marked_dirty : marked_accessed,
      ),
    })),
    parts.length,
  );
  const slot_of = new Uint32Array(pages.count);
  for (const [index, { members }] of parts.filter((part) => part.members.length > 0).entries()) {
    const { start } = image.regions[index]!;
    for (const [offset, page] of members.entries()) slot_of[page] = start + offset;
  }
  const invocation = {
    touches: touchesOf(trace, slot_of, slotsOf(image)),
    lines: 1,
    cacheable: false,
    new_pages: 0,
    new_page_faults: 0,
    execution_ns: Math.round(trace.instructions / trace.instructions_per_ns),
    contained_latency_ns: reference_latency_ns,
    first_touch_ns: 0,
    exposed_share: assumed_exposed_share,
  };
  return {
    image,
    // The recording is one whole run: started from nothing, it only faults each page in besides.
    initialisation_ns: Math.round(pages.count * costs.fault_ns),
    invocation: (index) => (index === 0 ? invocation : undefined),
  };
}

/** Pages nobody stored to outside the stack are taken for file pages; addresses tell no more. */
function partsOf(trace: RecordedTrace): Part[] {
  const { pages } = trace;
  const stack = pages.region_names.indexOf('stack');
  const library: number[] = [];
  const heap: number[] = [];
  const stack_pages: number[] = [];
  for (let page = 0; page < pages.count; page += 1) {
    if (pages.region[page] === stack) stack_pages.push(page);
    else if (pages.stores[page] === 0) library.push(page);
    else heap.push(page);
  }
  return [
    { name: 'library', kind: 'file', writable: false, members: library },
    { name: 'heap', kind: 'anonymous', writable: true, members: heap },
    { name: 'stack', kind: 'anonymous', writable: true, members: stack_pages },
  ];
}

/**
 * Misses as touches. A page that was stored to, but whose lines were all fetched by loads, stores
 * at its first miss: otherwise the replay would never write it.
 */
function touchesOf(trace: RecordedTrace, slot_of: Uint32Array, slots: number): Uint32Array {
  const stored = new Uint8Array(slots);
  for (const miss of trace.misses) if (miss & 1) stored[slot_of[miss >>> 2]!] = 1;
  const seen = new Uint8Array(slots);
  return trace.misses.map((miss) => {
    const page = miss >>> 2;
    const slot = slot_of[page]!;
    const unseen_store = seen[slot] === 0 && stored[slot] === 0 && trace.pages.stores[page]! > 0;
    seen[slot] = 1;
    return touchOf(slot, (miss & 1) === 1 || unseen_store);
  });
}
