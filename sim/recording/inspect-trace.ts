/** What a recorded trace says of its function: footprint, split, working sets, rewritten pages. */

import { readTrace as readTracedFork } from '../experiment/read-trace.ts';
import { readTrace } from '../files/trace-file.ts';
import { grown } from '../grown.ts';
import { InputError } from '../input/input-error.ts';
import {
  type Columns,
  event_kinds,
  type Region,
  region_names,
  type Totals,
} from '../workload/cxltrace/format.ts';
import type { Metadata } from '../workload/cxltrace/metadata.ts';
import type { TraceReader } from '../workload/cxltrace/reader.ts';
import { LivePages } from './live-pages.ts';
import { MissRatio, type MissRatioPoint } from './miss-ratio.ts';
import { countPages } from './profile-trace.ts';

/** What a trace says of an invocation; `null` is what it does not tell: misses, or which accesses wrote. */
export interface InvocationSummary {
  /** How long it took, in the trace's `gap_unit`. */
  gap: number;
  touched_pages: number;
  written_pages: number | null;
  /** Of the touched ones, those that were not there when it began. */
  new_pages: number;
  /** Of the touched ones, those that the invocation before touched as well. */
  retouched_pages: number;
  /** Of the written ones, those that the invocation before wrote as well. */
  rewritten_pages: number | null;
  /** Pages written before it began and still there: dirty in a parent that is forked then. */
  parent_written_pages: number | null;
  /** Of these, those that it writes again. */
  parent_rewritten_pages: number | null;
  llc_misses: number | null;
}

export interface TraceSummary {
  readonly metadata: Metadata;
  readonly totals: Totals;
  /** Pages still mapped when the last invocation ended, by what the invocations did to them. */
  readonly footprint_pages: number;
  readonly init_pages: number;
  readonly used_pages: number;
  /** The used ones, in two; `null` where reads and writes are not told apart. */
  readonly read_only_pages: number | null;
  readonly read_write_pages: number | null;
  /** The split that runs and `trace profile` have: at the checkpoint, by what came before and the child's first. */
  readonly checkpoint: CheckpointSplit | null;
  /** The same pages by region. */
  readonly regions: Readonly<Record<Region, number>>;
  readonly invocations: readonly InvocationSummary[];
  /** Over the invocations' visits to pages, one for each run; earlier ones fill the memory. */
  readonly miss_ratio: readonly MissRatioPoint[];
  /** What cannot be told from this trace. */
  readonly unknown: readonly string[];
}

export interface CheckpointSplit {
  readonly footprint_pages: number;
  readonly init_pages: number;
  readonly read_only_pages: number;
  readonly read_write_pages: number;
}

const [run, page, unmap, begin, end] = event_kinds.keys();
const init = 0;
const read_only = 1;
const read_write = 2;

export function inspectTrace(path: string): TraceSummary {
  const summary = readTrace(path, (reader) => {
    const inspection = new Inspection(reader.metadata);
    const blocks = reader.blocks();
    let step = blocks.next();
    for (; !step.done; step = blocks.next()) inspection.add(step.value);
    return inspection.summary(reader, step.value);
  });
  if (summary.invocations.length === 0 || summary.metadata.writes === 'unknown') return summary;
  return { ...summary, checkpoint: splitAtCheckpoint(path) };
}

/** `null` for what cannot be forked: pages that are touched after they were given back. */
function splitAtCheckpoint(path: string): CheckpointSplit | null {
  let trace: ReturnType<typeof readTracedFork>;
  try {
    trace = readTracedFork(path, path);
  } catch (error) {
    if (error instanceof InputError) return null;
    throw error;
  }
  const { resident, read_only, dirty } = countPages(trace.fork);
  return {
    footprint_pages: resident,
    init_pages: resident - read_only - dirty,
    read_only_pages: read_only,
    read_write_pages: dirty,
  };
}

class Inspection {
  private readonly live = new LivePages();
  private readonly miss_ratio = new MissRatio();
  private readonly knows_misses: boolean;
  private pages = 0;
  private class_of = new Uint8Array(1024);
  private region_of = new Uint8Array(1024);
  private ever_written = new Uint8Array(1024);
  /** Invocation + 1 of the last touch or write within one; that it was declared in. */
  private touched_in = new Int32Array(1024);
  private written_in = new Int32Array(1024);
  private born_in = new Int32Array(1024);
  private held = [0, 0, 0];
  private held_in = region_names.map(() => 0);
  private dirty = 0;
  private at_last_end = { held: [0, 0, 0], held_in: region_names.map(() => 0) };
  private readonly invocations: Counted[] = [];
  private current: Counted | undefined;
  /** Invocation + 1 of the first write; 0 if that was outside of any. */
  private first_written_in = new Int32Array(1024);

  constructor(metadata: Metadata) {
    this.knows_misses = metadata.llc_bytes !== null;
  }

  add(columns: Columns): void {
    for (let i = 0; i < columns.events; i += 1) {
      if (this.current !== undefined) this.current.gap += columns.gap[i]!;
      switch (columns.kind[i]) {
        case run:
          this.touch(columns.page[i]!, columns.counts, 6 * i);
          break;
        case page:
          this.declare(columns.number[i]!, columns.region[i]!);
          break;
        case unmap:
          this.forget(this.live.remove(columns.number[i]!, columns.extent_pages[i]!));
          break;
        case begin:
          this.begin();
          break;
        case end:
          this.current = undefined;
          this.at_last_end = { held: [...this.held], held_in: [...this.held_in] };
      }
    }
  }

  summary({ metadata }: TraceReader, totals: Totals): TraceSummary {
    const { held, held_in } = this.at_last_end;
    const told = metadata.writes !== 'unknown';
    return {
      metadata,
      totals,
      footprint_pages: held.reduce((sum, each) => sum + each, 0),
      init_pages: held[init]!,
      used_pages: held[read_only]! + held[read_write]!,
      read_only_pages: told ? held[read_only]! : null,
      read_write_pages: told ? held[read_write]! : null,
      checkpoint: null,
      regions: Object.fromEntries(region_names.map((name, i) => [name, held_in[i]!])) as Record<
        Region,
        number
      >,
      invocations: told ? this.invocations : this.invocations.map(withoutWrites),
      miss_ratio: this.miss_ratio.curve(),
      unknown: unknownOf(metadata, totals),
    };
  }

  private declare(number: number, region: number): void {
    // A page declared where one stands takes its place.
    this.forget(this.live.remove(number, 1));
    const index = this.pages;
    this.pages += 1;
    if (index >= this.class_of.length) this.grow(index + 1);
    this.live.add(number, index);
    this.region_of[index] = region;
    this.born_in[index] = this.current === undefined ? 0 : this.invocations.length;
    this.held[init]! += 1;
    this.held_in[region]! += 1;
  }

  private forget(pages: readonly number[]): void {
    for (const index of pages) {
      this.held[this.class_of[index]!]! -= 1;
      this.held_in[this.region_of[index]!]! -= 1;
      this.dirty -= this.ever_written[index]!;
    }
  }

  private begin(): void {
    this.current = {
      gap: 0,
      touched_pages: 0,
      written_pages: 0,
      new_pages: 0,
      retouched_pages: 0,
      rewritten_pages: 0,
      parent_written_pages: this.dirty,
      parent_rewritten_pages: 0,
      llc_misses: this.knows_misses ? 0 : null,
    };
    this.invocations.push(this.current);
  }

  private touch(index: number, counts: Float64Array, at: number): void {
    const { current } = this;
    const writes = counts[at + 1]! > 0;
    this.miss_ratio.visit(index, current !== undefined);
    if (writes && this.ever_written[index] === 0) {
      this.ever_written[index] = 1;
      this.first_written_in[index] = current === undefined ? 0 : this.invocations.length;
      this.dirty += 1;
    }
    if (current === undefined) return;
    const now = this.invocations.length;
    if (current.llc_misses !== null) {
      current.llc_misses += counts[at + 3]! + counts[at + 4]! + counts[at + 5]!;
    }
    if (this.touched_in[index] !== now) {
      current.touched_pages += 1;
      if (this.touched_in[index] === now - 1 && now > 1) current.retouched_pages += 1;
      if (this.born_in[index] === now) current.new_pages += 1;
      this.touched_in[index] = now;
    }
    if (writes && this.written_in[index] !== now) {
      current.written_pages += 1;
      if (this.written_in[index] === now - 1 && now > 1) current.rewritten_pages += 1;
      if (this.first_written_in[index]! < now) current.parent_rewritten_pages += 1;
      this.written_in[index] = now;
    }
    const became = Math.max(this.class_of[index]!, writes ? read_write : read_only);
    this.held[this.class_of[index]!]! -= 1;
    this.held[became]! += 1;
    this.class_of[index] = became;
  }

  private grow(length: number): void {
    this.class_of = grown(this.class_of, length);
    this.region_of = grown(this.region_of, length);
    this.ever_written = grown(this.ever_written, length);
    this.first_written_in = grown(this.first_written_in, length);
    this.touched_in = grown(this.touched_in, length);
    this.written_in = grown(this.written_in, length);
    this.born_in = grown(this.born_in, length);
  }
}

/** As it is counted, whether or not the trace tells writes. */
type Counted = {
  -readonly [Key in keyof InvocationSummary]: Key extends 'llc_misses'
    ? number | null
    : NonNullable<InvocationSummary[Key]>;
};

function withoutWrites(counted: Counted): InvocationSummary {
  return {
    ...counted,
    written_pages: null,
    rewritten_pages: null,
    parent_written_pages: null,
    parent_rewritten_pages: null,
  };
}

function unknownOf(metadata: Metadata, { invocations }: Totals): string[] {
  const { completeness, gap_unit, llc_bytes, memory, window_pages, writes } = metadata;
  return [
    ...(invocations === 0 ? ['invocations: none is marked, so nothing here is about one'] : []),
    ...(completeness === 'sampled'
      ? ['accesses between the samples: pages touched and written are at least these']
      : []),
    ...(completeness === 'scanned'
      ? ['how often pages were accessed, and in which order between two scans']
      : []),
    ...(writes === 'unknown' ? ['writes: reads and writes are not told apart'] : []),
    ...(gap_unit === 'ns' ? ['instructions: time is in ns'] : []),
    ...(llc_bytes === null ? ['cache misses'] : []),
    ...(window_pages === null
      ? []
      : [`reuse within ${window_pages} pages: accesses were counted together`]),
    ...(memory === 'local'
      ? []
      : [`behaviour on a CXL device: memory of NUMA node ${memory.numa_node} stood for one`]),
  ];
}
