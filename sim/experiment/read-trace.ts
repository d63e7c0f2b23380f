/** Reads a `.cxltrace` as a workload: in one pass, a block at a time, whatever its length. */

import { createHash } from 'node:crypto';
import { withFile } from '../files/read-text.ts';
import { sourceOf } from '../files/trace-file.ts';
import { expected } from '../input/expected.ts';
import { InputError } from '../input/input-error.ts';
import type { Layout } from '../memory/layout.ts';
import type { Assumption } from '../workload/assumption.ts';
import { workloadConstants } from '../workload/constants.ts';
import type { Totals } from '../workload/cxltrace/format.ts';
import type { Metadata } from '../workload/cxltrace/metadata.ts';
import { TraceReader } from '../workload/cxltrace/reader.ts';
import { type AssumedAccess, TraceEpochs } from '../workload/trace-epochs.ts';
import { type Fork, forkOf, writtenByChild } from '../workload/trace-fork.ts';
import type { TraceWorkload } from '../workload/trace-workload.ts';

export const trace_ending = '.cxltrace';

export interface ReadTrace {
  readonly metadata: Metadata;
  readonly totals: Totals;
  readonly sha256: string;
  readonly fork: Fork;
  /** The same if accesses were writes, where that is not told. */
  readonly if_written: readonly Fork[];
  readonly start_units: number;
  readonly start_pages: number;
}

/** `shown` is the file as the user wrote it, `origin` where. */
export function readTrace(path: string, shown: string, origin?: string): ReadTrace {
  const kind = `a recorded trace (${trace_ending})`;
  const most_bytes = Number.POSITIVE_INFINITY;
  return withFile(path, { kind, most_bytes, shown, ...(origin && { origin }) }, (file) => {
    const hash = createHash('sha256');
    const source = sourceOf(file, (bytes) => hash.update(bytes));
    const reader = new TraceReader(source, shown);
    const epochs = new TraceEpochs();
    const unknown: readonly AssumedAccess[] =
      reader.metadata.writes === 'unknown' ? ['write', 'read then write'] : [];
    const written = unknown.map((assumed) => new TraceEpochs(assumed));
    const blocks = reader.blocks();
    let step = blocks.next();
    for (; !step.done; step = blocks.next()) {
      const gone = epochs.add(step.value);
      for (const each of written) each.add(step.value);
      if (gone === undefined) continue;
      throw new InputError(
        shown,
        `page ${gone} is touched after it was given back`,
        'a page that is mapped again is declared again',
      );
    }
    const totals = step.value;
    if (totals.invocations === 0) {
      throw new InputError(
        shown,
        'no invocation is marked in it',
        expected(
          'a program that writes the lines cxlsim:invocation:begin and cxlsim:invocation:end',
        ),
      );
    }
    const fork = forkOf(epochs);
    const by_child = unknown.length === 0 ? [] : (['at once', 'after a read'] as const);
    return {
      metadata: reader.metadata,
      totals,
      sha256: hash.digest('hex'),
      fork,
      if_written: [
        ...written.map((each) => forkOf(each)),
        ...by_child.map((when) => writtenByChild(fork, when)),
      ],
      start_units: epochs.units[0]! + epochs.units[1]!,
      start_pages: epochs.pagesBefore(2),
    };
  });
}

/** What a trace by itself does not say of its function. */
export interface Description {
  readonly name: string;
  readonly description: string;
  readonly source: string;
  readonly caveat?: string;
  readonly instructions_per_ns?: number;
  readonly assumed?: Readonly<Record<string, Assumption>>;
}

/** Nothing in a trace tells how long its instructions took. */
const assumed_rate = {
  value: workloadConstants.instructions_per_ns.default,
  assumption: {
    reason:
      'no time was recorded; one instruction a cycle at 2.1 GHz, the base frequency of the Xeon ' +
      'Gold 6430 to which the CXLfork paper’s reference list points',
    range: [1, 7],
  },
} as const;

export function traceWorkload(trace: ReadTrace, about: Description): TraceWorkload {
  const { metadata, sha256, fork, start_units, start_pages } = trace;
  const counts_time = metadata.gap_unit === 'ns';
  const given = about.instructions_per_ns;
  const units_per_ns = counts_time ? 1 : (given ?? assumed_rate.value);
  const workload: TraceWorkload = {
    kind: 'trace',
    name: about.name,
    description: about.description,
    source: about.source,
    caveat: [caveatOf(trace, units_per_ns), about.caveat].filter(Boolean).join(' '),
    assumed:
      counts_time || given !== undefined
        ? { ...about.assumed }
        : { instructions_per_ns: assumed_rate.assumption, ...about.assumed },
    sha256,
    units_per_ns,
    timed: isTimed(metadata),
    ...(metadata.llc_bytes !== null && { llc_bytes: metadata.llc_bytes }),
    layout: fork.layout,
    start_units,
    start_pages,
    invocations: fork.invocations,
  };
  if (trace.if_written.length === 0) return workload;
  const file_pages = filePages(fork.layout);
  const if_written = trace.if_written.map(({ layout, invocations }) => ({
    ...workload,
    // Each page of a file that alone was written cuts its mapping in three.
    layout: { ...layout, vma_count: layout.vma_count + 2 * file_pages },
    invocations,
  }));
  return { ...workload, if_written };
}

function filePages({ regions, region_of }: Layout): number {
  return region_of.reduce((pages, at) => pages + (regions[at]?.kind === 'file' ? 1 : 0), 0);
}

/** Whether execution and its misses are known, and not only which pages were touched. */
function isTimed({ completeness, llc_bytes }: Metadata): boolean {
  return completeness === 'all' && llc_bytes !== null;
}

function caveatOf({ metadata, totals, fork }: ReadTrace, units_per_ns: number): string {
  const { child, marks } = fork;
  const ordinals = child.map((each) => each + 1).join(' and ');
  const from =
    marks.from === child[0]
      ? 'accessed and dirty bits of the same invocation, as no other was recorded'
      : marks.from === marks.to
        ? `accessed and dirty bits from invocation ${marks.from + 1}`
        : `accessed and dirty bits from invocations ${marks.from + 1} to ${marks.to + 1}`;
  return [
    `Replayed from a trace of ${counted(totals.invocations)}: the child runs ${ordinals}, with ${from}.`,
    metadata.memory === 'local'
      ? ''
      : `Recorded with its memory on NUMA node ${metadata.memory.numa_node}, as emulated CXL memory.`,
    isTimed(metadata)
      ? `Misses within a page are those of the ${metadata.llc_bytes! / 2 ** 20} MiB cache of the recording.`
      : 'It tells no misses and no time of its own, so times of execution are not known and left out.',
    metadata.writes === 'unknown'
      ? 'It does not tell reads from writes: what depends on writes is not known and left out.'
      : '',
    metadata.gap_unit === 'ns' || !isTimed(metadata)
      ? ''
      : `Assumed: ${units_per_ns} instructions a ns, and that it waits for missed lines, and loses by being cold, as functions do in the mean.`,
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
}

function counted(invocations: number): string {
  return invocations === 1 ? 'one invocation' : `${invocations} invocations`;
}
