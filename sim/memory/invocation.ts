/** One invocation of a function: its touches replayed, its faults served, its stalls charged. */

import type { Activity } from '../engine/activity.ts';
import type { Reads } from '../fabric/shared-reads.ts';
import { line_bytes, wholeNs } from '../units.ts';
import type { AddressSpace } from './address-space.ts';
import { arrived, loadsOverCxl, settle } from './brought-pages.ts';
import { change, type MappingChange } from './mapping.ts';
import { cacheKey, MissedLines, type PageCache, type ReadLines } from './page-cache.ts';
import { in_cxl, leaf_mask, leaf_shift, present } from './page-table.ts';
import { type Replayed, replay } from './replay.ts';

/** What an invocation does, whoever runs it. */
export interface Invocation extends ReadLines {
  /** When each touch is due, in ns of computing; evenly spread if absent. */
  readonly due_ns?: Float64Array;
  /** Pages mapped anew and given back, in the order of the touches that they precede. */
  readonly changes?: readonly MappingChange[];
  /** Anonymous pages that stay allocated, and faults on anonymous memory allocated anew. */
  readonly new_pages: number;
  /** Of these, how many a child keeps that a local fork made; absent where it keeps all. */
  readonly new_pages_of_fork?: number;
  readonly new_page_faults: number;
  /** Computing: execution with all memory mapped and cached, which no memory makes shorter. */
  readonly execution_ns: number;
  /** Execution lost to the first touch of a page whose entry is old or missing. */
  readonly first_touch_ns: number;
  /** Share of a missed line's latency that the program waits for: the rest overlaps. */
  readonly exposed_share: number;
}

export interface InvocationTimes {
  readonly faults_ns: number;
  readonly execution_ns: number;
  /** What it read of CXL memory line by line, once it had touched all it touches. */
  readonly reads: Reads;
}

function isFault({ kind }: MappingChange): boolean {
  return kind === 'anonymous' || kind === 'file';
}

/** Entries of 8 bytes in one line of a page-table leaf. */
export const entries_per_line = line_bytes / 8;

/**
 * Runs the invocation in the address space.
 *
 *     execution = computing
 *                 + first touches · their cost
 *                 + exposed share · Σ missed lines · latency of their memory
 *                 + Σ page walks' lines · latency of the memory of their leaf
 *                 + file reads + execution lost around remote faults
 *     faults    = new anonymous pages + each first touch that cannot go through
 *
 * `file_read_ns` is what reading one file page costs where the checkpoint left it out.
 */
export function* invoke(
  space: AddressSpace,
  invocation: Invocation,
  cache: PageCache | undefined,
  file_read_ns: number,
): Activity<InvocationTimes> {
  const { simulation, fabric, leaves } = space.machine;
  const { touches, changes = [] } = invocation;
  const local = fabric.nodes[space.node]!.memory;
  const begin_ns = simulation.now_ns;
  const { promotion } = space.origin;
  const promoted_before = space.promoted_bytes;
  let faults_ns = 0;
  const replayed: Replayed = { next: 0, cxl_touches: 0, first_touches: 0 };
  const stalls = new Stalls(space, invocation, cache);

  const pace = new Pace(invocation);
  const kept_pages = space.is_fork ? invocation.new_pages_of_fork : undefined;
  yield* space.allocateAnonymous(kept_pages ?? invocation.new_pages, invocation.new_page_faults);
  faults_ns += simulation.now_ns - begin_ns;
  let from = 0;
  let counted = 0;
  let changed = 0;
  while (from < touches.length || changed < changes.length) {
    const end = changes[changed]?.before ?? touches.length;
    replay(leaves.entries, space.leaf_base, touches, from, replayed, end);
    from = replayed.next;
    if (from === touches.length && changed === changes.length) break;
    if (promotion) {
      stalls.count(counted, from);
      counted = from;
      pace.waited_ns = stalls.waited_ns(fabric.cxl.settings.latency_ns, local.settings.latency_ns);
    }
    const due_ns = pace.until(from);
    if (!simulation.pass(due_ns)) yield due_ns;
    if (from === end) {
      stalls.count(counted, from);
      counted = from;
      const change_begin_ns = simulation.now_ns;
      yield* change(space, changes[changed]!);
      if (isFault(changes[changed]!)) faults_ns += simulation.now_ns - change_begin_ns;
      changed += 1;
      continue;
    }
    const fault_begin_ns = simulation.now_ns;
    const touch = touches[from]!;
    if (promotion && arrived(space, touch >>> 1)) continue;
    if (promotion && (touch & 1) === 0 && loadsOverCxl(space, touch >>> 1)) {
      promotion.ask(space, touch >>> 1);
      replayed.first_touches += space.mark(touch >>> 1) ? 1 : 0;
      stalls.overCxl(from);
      from += 1;
      counted = from;
      continue;
    }
    // What was touched so far is counted where it lay, before a copy on write moves one of its
    // pages; a migration moves a page that nobody has touched.
    if (space.entry(touch >>> 1) & present) {
      stalls.count(counted, from);
      counted = from;
    }
    yield* space.fault(touch >>> 1, (touch & 1) === 1);
    faults_ns += simulation.now_ns - fault_begin_ns;
  }
  stalls.count(counted, touches.length);
  promotion?.rest();
  settle(space);
  const exits_begin_ns = simulation.now_ns;
  yield* space.settleExits();
  faults_ns += simulation.now_ns - exits_begin_ns;
  const lost_ns = space.file_reads * file_read_ns + space.disturbed_ns;
  space.file_reads = 0;
  space.disturbed_ns = 0;
  const reads: Reads = {
    bytes: (stalls.cxl_lines + stalls.cxl_walks) * line_bytes,
    bytes_beside: space.promoted_bytes - promoted_before,
    execution_ns: executionAt(
      invocation.execution_ns + replayed.first_touches * invocation.first_touch_ns + lost_ns,
      stalls.waits,
      local.settings.latency_ns,
    ),
    spent_ns: pace.spent_ns,
  };
  yield* fabric.cxl_reads.run(reads, space.accounts);
  return { faults_ns, execution_ns: simulation.now_ns - begin_ns - faults_ns, reads };
}

/** By the latency of CXL memory. It holds numbers alone: who keeps it keeps no pages. */
function executionAt(own_ns: number, { cxl, local }: Waits, local_ns: number) {
  return (cxl_ns: number) => wholeNs(own_ns + (cxl * cxl_ns + local * local_ns));
}

/**
 * Lets the function's own computing pass evenly between its touches, so that what was started
 * asynchronously at one fault proceeds until the next. Computing alone: however fast memory is, no more
 * has passed at the last touch than the whole execution takes.
 */
class Pace {
  spent_ns = 0;
  /** What the program has waited for memory so far, where that must be known as it runs. */
  waited_ns = 0;
  readonly #touch_ns: number;
  readonly #due_ns: Float64Array | undefined;

  constructor(invocation: Invocation) {
    this.#touch_ns = invocation.execution_ns / Math.max(1, invocation.touches.length);
    this.#due_ns = invocation.due_ns;
  }

  /** Time from the last touch asked about until the one at `index` is due. */
  until(index: number): number {
    const at_ns = this.#due_ns?.[index] ?? index * this.#touch_ns;
    const due_ns = Math.max(0, Math.floor(at_ns + this.waited_ns) - this.spent_ns);
    this.spent_ns += due_ns;
    return due_ns;
  }
}

/** Lines that an invocation misses, by where they lie. */
interface Waits {
  readonly cxl: number;
  readonly local: number;
}

class Stalls {
  cxl_lines = 0;
  local_lines = 0;
  /** Lines of leaves read by page walks: of attached ones, and of the process's own. */
  cxl_walks = 0;
  local_walks = 0;
  readonly #space: AddressSpace;
  readonly #touches: Uint32Array;
  readonly #missed: MissedLines;
  readonly #exposed_share: number;
  /** Lines of page-table entries already walked in this invocation. */
  readonly #walked: Uint8Array;

  constructor(space: AddressSpace, invocation: Invocation, cache: PageCache | undefined) {
    const slots = space.layout.region_of.length;
    this.#space = space;
    this.#touches = invocation.touches;
    this.#exposed_share = invocation.exposed_share;
    this.#missed = new MissedLines(invocation, slots, cache);
    this.#walked = new Uint8Array(Math.ceil(slots / entries_per_line));
  }

  /** What the lines so far have been waited for, on an idle device. */
  waited_ns(cxl_ns: number, local_ns: number): number {
    const { cxl, local } = this.waits;
    return cxl * cxl_ns + local * local_ns;
  }

  /** So many latencies of either memory. */
  get waits(): Waits {
    const share = this.#exposed_share;
    return {
      cxl: share * this.cxl_lines + this.cxl_walks,
      local: share * this.local_lines + this.local_walks,
    };
  }

  /** Counts the touch of a page that is still in CXL memory, although nothing is mapped in this model. */
  overCxl(index: number): void {
    const slot = this.#touches[index]! >>> 1;
    this.cxl_lines += this.#missed.at(index, slot, cacheKey(this.#space.entry(slot)));
  }

  /** Counts the touches `[from, end)`, which went through. */
  count(from: number, end: number): void {
    const { leaf_base, leaf_attached, machine, walks_over_cxl } = this.#space;
    const entries = machine.leaves.entries;
    const touches = this.#touches;
    const walked = this.#walked;
    for (let index = from; index < end; index += 1) {
      const slot = touches[index]! >>> 1;
      this.#space.passed(slot);
      const entry = entries[leaf_base[slot >>> leaf_shift]! + (slot & leaf_mask)]!;
      const missed = this.#missed.at(index, slot, cacheKey(entry));
      if (missed === 0) continue;
      if (entry & in_cxl) this.cxl_lines += missed;
      else this.local_lines += missed;
      // Who finds a page in the cache finds its entry there, too.
      if (!this.#missed.comes || walked[slot >>> 3] !== 0) continue;
      walked[slot >>> 3] = 1;
      this.cxl_walks += walks_over_cxl;
      if (leaf_attached[slot >>> leaf_shift]) this.cxl_walks += 1;
      else this.local_walks += 1;
    }
  }
}
