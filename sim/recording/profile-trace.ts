/** Reduces a trace to a function profile: the numbers by which `kind: profile` describes a function. */

import { stringify } from 'yaml';
import { readTrace, traceWorkload } from '../experiment/read-trace.ts';
import { expected } from '../input/expected.ts';
import { InputError } from '../input/input-error.ts';
import { kernelParameters } from '../memory/kernel-costs.ts';
import { marked_accessed, marked_dirty, no_region, slotsOf } from '../memory/layout.ts';
import { leafOf } from '../memory/page-table.ts';
import { valuesOf } from '../parameters.ts';
import { ns_per_ms, pages_per_mb } from '../units.ts';
import type { ProfileField } from '../workload/read-profile.ts';
import { reference_llc_bytes, referenceMisses, waited_ns } from '../workload/reference-run.ts';
import { traceModel } from '../workload/trace-model.ts';
import type { TraceWorkload } from '../workload/trace-workload.ts';
import { runPages } from './page-runs.ts';

/** Instructions a ns that processors reach, few and many: as wide as anything that runs. */
const rates = [1, 7] as const;

/** Which pages a cache evicts at random; of no weight in a profile. */
const seed = 1;

/** The profile of the trace in the file. */
export interface TraceProfile {
  /** The text of a workload's YAML file. */
  readonly yaml: string;
  /** What the user must know of its numbers. */
  readonly notes: readonly string[];
}

export function profileTrace(path: string, shown = path): TraceProfile {
  const trace = readTrace(path, shown);
  const workload = traceWorkload(trace, { name: '', description: '', source: '' });
  if (!workload.timed) {
    throw new InputError(
      shown,
      'tells no times and no cache misses, which a profile has',
      expected('a trace of cxlsim trace record'),
    );
  }
  if (trace.metadata.writes === 'unknown') {
    throw new InputError(
      shown,
      'does not tell reads from writes, of which a profile has both',
      'expected a trace of cxlsim trace record, or a table with a column stores',
    );
  }
  const { command, recorder } = trace.metadata;
  const measured = profileNumbers(workload);
  const yaml = stringify(
    {
      kind: 'profile',
      description: `measured: ${command.join(' ') || 'a program'}`,
      source: `${shown} (SHA-256 ${trace.sha256}), recorded by ${recorder}`,
      ...measured.fields,
      sources: measured.sources,
      assumed: measured.assumed,
    },
    { lineWidth: 100 },
  );
  return { yaml, notes: measured.notes };
}

/** What the usual value says of a trace, whose dirty pages are all its parent wrote and whose children keep the same. */
type UsualField = 'dirty_share' | 'fork_keeps_share';

interface Measured {
  readonly fields: Readonly<Record<Exclude<ProfileField, UsualField>, number>>;
  readonly sources: Readonly<Partial<Record<ProfileField, string>>>;
  readonly assumed: Readonly<
    Partial<Record<ProfileField, { reason: string; range?: [number, number] }>>
  >;
  readonly notes: readonly string[];
}

export function profileNumbers(trace: TraceWorkload): Measured {
  const pages = countPages(trace);
  const mb = (count: number) => count / pages_per_mb;
  const share = (count: number, of: number) => (of === 0 ? 0 : significant(count / of));
  const read_write_share = share(pages.dirty, pages.resident);
  const read_only_share = share(pages.read_only, pages.resident);
  const times = timesOf(trace, pages);
  return {
    fields: {
      footprint_mb: mb(pages.resident),
      init_share: significant(1 - read_write_share - read_only_share),
      read_only_share,
      read_write_share,
      touched_mb: mb(pages.touched + pages.new),
      written_mb: mb(pages.written + pages.new),
      clean_file_mb: mb(pages.clean_file),
      accessed_share: share(pages.read_marked, pages.read),
      rewritten_share: share(pages.rewritten, pages.dirty),
      run_pages: significant(pages.run_pages),
      written_leaf_share: share(pages.written_leaves, trace.layout.leaf_count),
      ...times.fields,
    },
    sources: {
      footprint_mb: 'pages touched and mapped at the checkpoint',
      init_share: 'the rest',
      read_only_share: 'other pages that the child’s first invocation touches, of the footprint',
      read_write_share:
        'pages written by each of the last two invocations before the checkpoint, or by the child’s first',
      touched_mb: 'the child’s first invocation, new pages included',
      written_mb: 'the same, written or new',
      clean_file_mb: 'pages of files that nobody wrote',
      accessed_share:
        'of the pages read, those that each of the last two invocations before the checkpoint touched',
      rewritten_share: 'of these pages, those that the child writes',
      run_pages: 'changes of class between neighbouring pages',
      written_leaf_share: 'page-table leaves that hold one of these pages, of all',
      local_fork_faults_ms: times.faults_source,
    },
    assumed: times.assumed,
    notes: times.notes,
  };
}

interface PageCounts {
  resident: number;
  dirty: number;
  clean_file: number;
  touched: number;
  written: number;
  /** Touched and not written, by the child's first invocation; and of these the ones never dirty. */
  read: number;
  read_only: number;
  read_marked: number;
  rewritten: number;
  new: number;
  run_pages: number;
  written_leaves: number;
}

/** What the child's first invocation does to the pages of the checkpoint. */
export function countPages({
  layout,
  invocations,
}: Pick<TraceWorkload, 'layout' | 'invocations'>): PageCounts {
  const { touches, changes } = invocations[0]!;
  const slots = layout.region_of.length;
  const [touched, written, gone] = [0, 1, 2].map(() => new Uint8Array(slots));
  const counts: PageCounts = {
    resident: layout.resident_pages,
    dirty: 0,
    clean_file: 0,
    touched: 0,
    written: 0,
    read: 0,
    read_only: 0,
    read_marked: 0,
    rewritten: 0,
    new: 0,
    run_pages: 1,
    written_leaves: 0,
  };
  let changed = 0;
  for (let i = 0; i <= touches.length; i += 1) {
    for (; changes[changed]?.before === i; changed += 1) {
      const { kind, start, end } = changes[changed]!;
      gone!.fill(1, start, end);
      if (kind === 'anonymous' || kind === 'file') counts.new += 1;
    }
    if (i === touches.length) break;
    const slot = touches[i]! >>> 1;
    if (layout.region_of[slot] === no_region || gone![slot] === 1) continue;
    touched![slot] = 1;
    written![slot]! |= touches[i]! & 1;
  }
  const classes: number[] = [];
  const written_leaves = new Set<number>();
  for (let slot = 0; slot < slotsOf(layout); slot += 1) {
    const region = layout.regions[layout.region_of[slot]!];
    if (region === undefined) continue;
    // A profile's child writes no other pages again than those that its parent wrote.
    const is_dirty = (layout.marks[slot]! & marked_dirty) !== 0 || written![slot] === 1;
    const is_read = touched![slot] === 1 && written![slot] === 0;
    classes.push(is_dirty ? 2 : is_read ? 1 : 0);
    if (is_dirty) counts.dirty += 1;
    if (is_dirty) written_leaves.add(leafOf(slot));
    if (region.kind === 'file' && !is_dirty && written![slot] === 0) counts.clean_file += 1;
    if (touched![slot] === 1) counts.touched += 1;
    if (written![slot] === 1) counts.written += 1;
    if (is_dirty && written![slot] === 1) counts.rewritten += 1;
    if (touched![slot] === 1 && !is_dirty) counts.read_only += 1;
    if (!is_read) continue;
    counts.read += 1;
    if (layout.marks[slot]! & marked_accessed) counts.read_marked += 1;
  }
  counts.written_leaves = written_leaves.size;
  const run = runPages(classes);
  if (Number.isFinite(run)) counts.run_pages = Math.max(1, run);
  return counts;
}

/** Warm, and of a locally forked child, where the times of other profiles were measured. */
function timesOf(trace: TraceWorkload, pages: PageCounts) {
  const costs = valuesOf(kernelParameters);
  const { initialisation_ns, invocation, layout } = traceModel(trace, seed, costs);
  const first = invocation(0)!;
  const [cold, again] = referenceMisses(
    [first, first],
    layout.region_of.length,
    reference_llc_bytes,
    costs,
    seed,
  );
  const warm_ns = first.execution_ns + waited_ns(again!, first.exposed_share);
  const execution_ns =
    first.execution_ns +
    waited_ns(cold!, first.exposed_share) +
    pages.touched * first.first_touch_ns;
  const recorded_ns = trace.invocations[0]!.units / trace.units_per_ns;
  const new_pages = Math.max(pages.new, pages.written + pages.new - pages.rewritten);
  const cow_ns = pages.rewritten * costs.local_cow_fault_ns;
  const cold_ns = initialisation_ns + warm_ns + new_pages * costs.fault_ns;
  const ms = (ns: number) => significant(ns / ns_per_ms);
  const counts_time = trace.units_per_ns === 1 && Object.keys(trace.assumed).length === 0;
  const span = (ns: number): [number, number] => [
    ms((ns * trace.units_per_ns) / rates[1]),
    ms((ns * trace.units_per_ns) / rates[0]),
  ];
  const rate = counts_time
    ? 'time as the trace has it'
    : `instructions of the trace at an assumed ${trace.units_per_ns} a ns; the range is ${rates[0]} to ${rates[1]} a ns`;
  const unknown =
    first.execution_ns === 0 && recorded_ns > 0
      ? `its missed lines would take all of the ${ms(recorded_ns)} ms that it executed, so that nothing is left for computing`
      : undefined;
  const assumed = (ns: number, reason: string) =>
    counts_time ? { reason } : { reason, range: span(ns) };
  return {
    fields: {
      warm_ms: ms(warm_ns),
      local_fork_execution_ms: ms(execution_ns),
      local_fork_faults_ms: ms(cow_ns + new_pages * costs.fault_ns),
      cold_start_ms: Math.max(ms(cold_ns), ms(execution_ns)),
    },
    notes: unknown === undefined ? [] : [`warm_ms is assumed: ${unknown}`],
    faults_source:
      'copy-on-write and new pages of the trace, at what kernel parameters say a fault costs',
    assumed: {
      warm_ms:
        unknown === undefined
          ? assumed(warm_ns, rate)
          : {
              reason: `${unknown}; ${rate}`,
              range: [0, counts_time ? ms(execution_ns) : span(execution_ns)[1]] as [
                number,
                number,
              ],
            },
      local_fork_execution_ms: assumed(
        execution_ns,
        `${rate}, and what being cold costs other functions (kernel.cold_page_ns)`,
      ),
      cold_start_ms: assumed(
        Math.max(cold_ns, execution_ns),
        `${rate}, from the program’s start to the first invocation’s end`,
      ),
    },
  };
}

/** Six digits: more than anything here is known to. */
function significant(value: number): number {
  return Number(value.toPrecision(6));
}
