/** A function generated from its profile: where its pages lie, and what each invocation touches. */

import type { Invocation } from '../memory/invocation.ts';
import type { KernelCosts } from '../memory/kernel-costs.ts';
import { type Layout, layOut, marked_accessed, marked_dirty, slotsOf } from '../memory/layout.ts';
import { touchOf } from '../memory/replay.ts';
import { type RandomStream, randomStream } from '../random.ts';
import { entries_per_leaf, lines_per_page, ns_per_ms, pagesOf, wholeNs } from '../units.ts';
import { exposedShare, pooledPage_ns } from './being-cold.ts';
import { type FunctionModel, reference_latency_ns } from './function-model.ts';
import { dirty_mb, measured, new_mb, newPageFaults, rewritten_mb } from './new-memory.ts';
import {
  type ReferenceMisses,
  reference_llc_bytes,
  referenceMisses,
  waited_ns,
} from './reference-run.ts';
import type { FunctionProfile } from './workload.ts';

/** What a page is to the function. */
const untouched = 0;
const read_only = 1;
const read_write = 2;

export function profileModel(
  profile: FunctionProfile,
  seed: number,
  costs: KernelCosts,
): FunctionModel {
  const marking = randomStream(seed, profile.name, 'layout');
  const classes = drawClasses(profile, marking);
  const layout = layOut(
    [
      {
        name: 'library',
        kind: 'file',
        writable: false,
        marks: markPages(classes.file, profile, marking),
      },
      {
        name: 'heap',
        kind: 'anonymous',
        writable: true,
        marks: markPages(classes.anonymous, profile, marking),
      },
    ],
    costs.vma_count,
  );
  const touched = touchedRuns(layout, [classes.file, classes.anonymous]);
  const readsOf = (index: number) => ({
    touches: drawTouches(
      touched,
      profile,
      costs.reread_share,
      randomStream(seed, profile.name, 'input', index),
    ),
    lines: lines_per_page,
  });
  const new_pages = pagesOf(new_mb(profile));
  const new_page_faults = Math.round(newPageFaults(profile));
  const first_two = [readsOf(0), readsOf(1)] as const;
  const [cold, warm] = referenceMisses(
    first_two,
    layout.region_of.length,
    reference_llc_bytes,
    costs,
    seed,
  ) as [ReferenceMisses, ReferenceMisses];
  const times = timesOf(profile, first_two[0].touches.length, cold, warm, costs);
  // What a cold start takes as a whole is given, so that its first invocation is no part of the initialisation.
  const initialisation_ns =
    profile.cold_start_ms * ns_per_ms -
    (times.first_ns + waited_ns(cold, times.exposed_share)) -
    new_page_faults * measured.fault_ns;
  return {
    layout,
    initialisation_ns: Math.max(0, wholeNs(initialisation_ns)),
    invocation(index): Invocation {
      return {
        ...(first_two[index] ?? readsOf(index)),
        // Later invocations reuse the memory that the first allocated, and the measured warm time
        // includes what they fault.
        new_pages: index === 0 ? new_pages : 0,
        new_pages_of_fork: index === 0 ? Math.round(new_pages * profile.fork_keeps_share) : 0,
        new_page_faults: index === 0 ? new_page_faults : 0,
        execution_ns: index === 0 ? times.first_ns : times.later_ns,
        first_touch_ns: times.first_touch_ns,
        exposed_share: times.exposed_share,
      };
    },
  };
}

/**
 * Computing, and what the first touch of a page costs, such that a warm invocation and a local fork's first come out
 * as they were given. Where a local fork's was given as the shorter, its computing is shorter.
 */
function timesOf(
  profile: FunctionProfile,
  touches: number,
  cold: ReferenceMisses,
  warm: ReferenceMisses,
  costs: KernelCosts,
) {
  const warm_ns = profile.warm_ms * ns_per_ms;
  const cold_ns = profile.local_fork_execution_ms * ns_per_ms;
  const pooled = exposedShare(pooledPage_ns({ warm_ns, cold_ns, touches }, costs), costs);
  const exposed_share = Math.min(pooled, mostExposed(warm_ns, warm), mostExposed(cold_ns, cold));
  const later_ns = Math.max(0, warm_ns - waited_ns(warm, exposed_share));
  const rest_ns = cold_ns - later_ns - waited_ns(cold, exposed_share);
  return {
    exposed_share,
    first_ns: Math.max(0, Math.round(later_ns + Math.min(0, rest_ns))),
    later_ns: Math.round(later_ns),
    first_touch_ns: Math.max(0, rest_ns) / Math.max(1, touches),
  };
}

/** No invocation waits longer than it takes. */
function mostExposed(execution_ns: number, { lines, walks }: ReferenceMisses): number {
  if (lines === 0) return 1;
  return Math.max(0, execution_ns / reference_latency_ns - walks) / lines;
}

interface Classes {
  readonly file: Uint8Array;
  readonly anonymous: Uint8Array;
}

/** Runs of pages of one class, shuffled; file pages come first from those that are never written. */
function drawClasses(profile: FunctionProfile, random: RandomStream): Classes {
  const total = pagesOf(profile.footprint_mb);
  const written = pagesOf(dirty_mb(profile));
  // Pages that every invocation reads; the paper's read-only share is smaller for some functions.
  const touched_unwritten = pagesOf(profile.touched_mb - new_mb(profile) - rewritten_mb(profile));
  const read = Math.max(0, Math.min(total - written, touched_unwritten));
  const file_total = Math.min(pagesOf(profile.clean_file_mb), total - written);
  const file_read = Math.min(file_total, read);
  const file = shuffledRuns([file_total - file_read, file_read, 0], profile.run_pages, random);
  const anonymous = clusteredRuns(
    [total - written - read - (file_total - file_read), read - file_read, written],
    Math.round(profile.written_leaf_share * (leavesOf(file_total) + leavesOf(total - file_total))),
    profile.run_pages,
    random,
  );
  return { file, anonymous };
}

function leavesOf(pages: number): number {
  return Math.ceil(pages / entries_per_leaf);
}

/**
 * Written pages lie within so many leaves, or as many as they fill, and no leaf after these holds one:
 *
 *     │ written, read and untouched, in runs │ read and untouched, in runs │
 *     └ leaves with writes ──────────────────┴ leaves without ─────────────┘
 */
function clusteredRuns(
  [untouched, read, written]: readonly [number, number, number],
  written_leaves: number,
  mean_run_pages: number,
  random: RandomStream,
): Uint8Array {
  const unwritten = untouched + read;
  const leaves = written === 0 ? 0 : Math.max(written_leaves, leavesOf(written));
  const beside = Math.min(leaves * entries_per_leaf - written, unwritten);
  const read_beside = unwritten === 0 ? 0 : Math.round((beside * read) / unwritten);
  const untouched_beside = beside - read_beside;
  const parts = [
    [untouched_beside, read_beside, written],
    [untouched - untouched_beside, read - read_beside, 0],
  ].map((counts) => shuffledRuns(counts, mean_run_pages, random));
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** Classes of pages in address order: runs of geometric length around the mean, in random order. */
function shuffledRuns(
  counts: readonly number[],
  mean_run_pages: number,
  random: RandomStream,
): Uint8Array {
  const runs: { kind: number; length: number }[] = [];
  const total = counts.reduce((sum, count) => sum + count, 0);
  for (const [kind, count] of counts.entries()) {
    let left = count;
    while (left > 0) {
      const length = Math.min(left, geometric(mean_run_pages, total, random));
      runs.push({ kind, length });
      left -= length;
    }
  }
  random.shuffle(runs);
  const classes = new Uint8Array(total);
  let page = 0;
  for (const { kind, length } of runs) {
    classes.fill(kind, page, page + length);
    page += length;
  }
  return classes;
}

/** A whole number of at least 1 and at most `most`, else geometrically distributed with the mean. */
function geometric(mean: number, most: number, random: RandomStream): number {
  let length = 1;
  while (length < most && random.uniform() >= 1 / mean) length += 1;
  return length;
}

/** A and D bits at the checkpoint: all written pages, and some of those that are only read. */
function markPages(
  classes: Uint8Array,
  profile: FunctionProfile,
  random: RandomStream,
): Uint8Array {
  return classes.map((kind) => {
    if (kind === read_write) return marked_accessed | marked_dirty;
    if (kind === read_only && random.uniform() < profile.accessed_share) return marked_accessed;
    return 0;
  });
}

/** Neighbouring pages of one class: touched together, in address order. */
interface TouchedRun {
  readonly start: number;
  readonly end: number;
  readonly written: boolean;
}

interface Touched {
  readonly runs: readonly TouchedRun[];
  /** Resident slots that invocations do not usually touch. */
  readonly others: Uint32Array;
}

function touchedRuns(layout: Layout, classes: readonly Uint8Array[]): Touched {
  const runs: TouchedRun[] = [];
  const others = new Uint32Array(slotsOf(layout));
  let other_count = 0;
  const present = classes.filter((part) => part.length > 0);
  for (const [index, region] of layout.regions.entries()) {
    const kinds = present[index]!;
    let page = 0;
    while (page < kinds.length) {
      const kind = kinds[page]!;
      let end = page + 1;
      while (end < kinds.length && kinds[end] === kind) end += 1;
      if (kind === untouched) {
        for (let other = page; other < end; other += 1) {
          others[other_count] = region.start + other;
          other_count += 1;
        }
      } else {
        runs.push({
          start: region.start + page,
          end: region.start + end,
          written: kind === read_write,
        });
      }
      page = end;
    }
  }
  return { runs, others: others.slice(0, other_count) };
}

/**
 * One input: runs in random order, each in address order. A page that the input leaves out is
 * replaced by one that is not usually touched; of the written pages none takes its place, since
 * what the parent never wrote a child is not known to write.
 */
function drawTouches(
  touched: Touched,
  profile: FunctionProfile,
  reread_share: number,
  random: RandomStream,
): Uint32Array {
  const order = [...touched.runs];
  random.shuffle(order);
  const touches = new Uint32Array(order.reduce((sum, { start, end }) => sum + end - start, 0));
  let count = 0;
  for (const { start, end, written } of order) {
    for (let slot = start; slot < end; slot += 1) {
      if (random.uniform() < (written ? profile.rewritten_share : reread_share)) {
        touches[count] = touchOf(slot, written);
        count += 1;
      } else if (!written && touched.others.length > 0) {
        touches[count] = touchOf(touched.others[random.integer(touched.others.length)]!, false);
        count += 1;
      }
    }
  }
  return touches.slice(0, count);
}
