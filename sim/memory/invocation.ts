/** One invocation of a function: its touches replayed, its faults served, its stalls charged. */

import type { Activity } from '../engine/activity.ts';
import type { Reads } from '../fabric/shared-reads.ts';
import { line_bytes, wholeNs } from '../units.ts';
import type { AddressSpace } from './address-space.ts';
import { change, type MappingChange } from './mapping.ts';
import { frameOf, in_cxl, leaf_mask, leaf_shift, present } from './page-table.ts';
import { type Replayed, replay } from './replay.ts';

/** What an invocation does, whoever runs it. */
export interface Invocation {
  /** Touches in program order, `slot << 1 | store`. */
  readonly touches: Uint32Array;
  /** Cache lines of its page that each touch reads: as many for all, or a number for each. */
  readonly lines: number | Float64Array;
  /** When each touch is due, in ns of execution with all memory local; evenly spread if absent. */
  readonly due_ns?: Float64Array;
  /** Pages mapped anew and given back, in the order of the touches that they precede. */
  readonly changes?: readonly MappingChange[];
  /** Whether the last-level cache is still to be applied to the touches. */
  readonly cacheable: boolean;
  /** Anonymous pages that stay allocated, and faults on anonymous memory allocated anew. */
  readonly new_pages: number;
  readonly new_page_faults: number;
  /** Execution without faults and first touches, all memory local. */
  readonly execution_ns: number;
  /** Latency of a missed line that `execution_ns` already contains; 0 where it contains no misses. */
  readonly contained_latency_ns: number;
  /** Execution lost to the first touch of a page whose entry is old or missing. */
  readonly first_touch_ns: number;
  /** Share of a missed line's latency that the program waits for: the rest overlaps. */
  readonly exposed_share: number;
}

/** The page that an entry maps, as a key of the cache: frames of both memories. */
export function cacheKey(entry: number): number {
  return frameOf(entry) * 2 + (entry & in_cxl ? 1 : 0);
}

/** A cache over pages: whether the page was there, and now is. */
export interface PageCache {
  access(key: number): boolean;
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
 *     execution = execution with all memory local, mapped and cached
 *                 + first touches · their cost
 *                 + exposed share · Σ missed lines · (latency − contained latency)
 *                 + page walks that read an attached leaf · (CXL − local latency)
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
  let faults_ns = 0;
  const replayed: Replayed = { next: 0, cxl_touches: 0, first_touches: 0 };
  const stalls = new Stalls(space, invocation, cache);

  const pace = new Pace(invocation);
  yield* space.allocateAnonymous(invocation.new_pages, invocation.new_page_faults);
  faults_ns += simulation.now_ns - begin_ns;
  let from = 0;
  let counted = 0;
  let changed = 0;
  while (from < touches.length || changed < changes.length) {
    const end = changes[changed]?.before ?? touches.length;
    replay(leaves.entries, space.leaf_base, touches, from, replayed, end);
    from = replayed.next;
    if (from === touches.length && changed === changes.length) break;
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
  const lost_ns = space.file_reads * file_read_ns + space.disturbed_ns;
  space.file_reads = 0;
  space.disturbed_ns = 0;
  const { contained_latency_ns, exposed_share } = invocation;
  const local_ns = local.settings.latency_ns;
  const executionAt = (cxl_ns: number) =>
    Math.max(
      0,
      wholeNs(
        invocation.execution_ns +
          replayed.first_touches * invocation.first_touch_ns +
          lost_ns +
          exposed_share * stalls.cxl_lines * (cxl_ns - contained_latency_ns) +
          exposed_share * stalls.local_lines * (local_ns - contained_latency_ns) +
          stalls.walk_lines * (cxl_ns - local_ns),
      ),
    );
  const cxl_bytes = (stalls.cxl_lines + stalls.walk_lines) * line_bytes;
  const reads = { bytes: cxl_bytes, execution_ns: executionAt, spent_ns: pace.spent_ns };
  yield* fabric.cxl_reads.run(reads, space.accounts);
  return { faults_ns, execution_ns: simulation.now_ns - begin_ns - faults_ns, reads };
}

/**
 * Lets the function's own computing pass evenly between its touches, so that what was started
 * asynchronously at one fault proceeds until the next.
 */
class Pace {
  spent_ns = 0;
  readonly #touch_ns: number;
  readonly #due_ns: Float64Array | undefined;

  constructor(invocation: Invocation) {
    this.#touch_ns = invocation.execution_ns / Math.max(1, invocation.touches.length);
    this.#due_ns = invocation.due_ns;
  }

  /** Time from the last touch asked about until the one at `index` is due. */
  until(index: number): number {
    const at_ns = this.#due_ns?.[index] ?? index * this.#touch_ns;
    const due_ns = Math.floor(at_ns) - this.spent_ns;
    this.spent_ns += due_ns;
    return due_ns;
  }
}

/** Lines that an invocation misses, by where they lie. */
class Stalls {
  cxl_lines = 0;
  local_lines = 0;
  /** Lines of attached leaves read by page walks. */
  walk_lines = 0;
  readonly #space: AddressSpace;
  readonly #invocation: Invocation;
  readonly #cache: PageCache | undefined;
  /** Lines of page-table entries already walked in this invocation. */
  readonly #walked: Uint8Array;

  constructor(space: AddressSpace, invocation: Invocation, cache: PageCache | undefined) {
    this.#space = space;
    this.#invocation = invocation;
    this.#cache = invocation.cacheable ? cache : undefined;
    this.#walked = new Uint8Array(Math.ceil(space.layout.region_of.length / entries_per_line));
  }

  /** Counts the touches `[from, end)`, which went through. */
  count(from: number, end: number): void {
    const { leaf_base, leaf_attached, machine } = this.#space;
    const { touches, lines } = this.#invocation;
    const each_lines = typeof lines === 'number' ? undefined : lines;
    const all_lines = typeof lines === 'number' ? lines : 0;
    const entries = machine.leaves.entries;
    const walked = this.#walked;
    const cache = this.#cache;
    for (let index = from; index < end; index += 1) {
      const slot = touches[index]! >>> 1;
      const entry = entries[leaf_base[slot >>> leaf_shift]! + (slot & leaf_mask)]!;
      const cxl = entry & in_cxl;
      if (cache?.access(cacheKey(entry))) continue;
      const missed = each_lines === undefined ? all_lines : each_lines[index]!;
      if (cxl) this.cxl_lines += missed;
      else this.local_lines += missed;
      if (leaf_attached[slot >>> leaf_shift] && walked[slot >>> 3] === 0) {
        walked[slot >>> 3] = 1;
        this.walk_lines += 1;
      }
    }
  }
}
