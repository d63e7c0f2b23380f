/** What a recorded trace says of its function: footprint, split, working sets, rewritten pages. */

import type { Totals } from '../workload/cxltrace/format.ts';
import type { Metadata } from '../workload/cxltrace/metadata.ts';
import type { TraceReader } from '../workload/cxltrace/reader.ts';
import { LivePages } from './live-pages.ts';
import { readTrace } from './trace-file.ts';

export interface InvocationSummary {
  instructions: number;
  touched_pages: number;
  written_pages: number;
  /** Of the written ones, those that the invocation before wrote as well. */
  rewritten_pages: number;
  llc_misses: number;
}

export interface TraceSummary {
  readonly metadata: Metadata;
  readonly totals: Totals;
  /** Pages still mapped when the last invocation ended, by what the invocations did to them. */
  readonly footprint_pages: number;
  readonly init_pages: number;
  readonly read_only_pages: number;
  readonly read_write_pages: number;
  readonly invocations: readonly InvocationSummary[];
}

const init = 0;
const read_only = 1;
const read_write = 2;

export function inspectTrace(path: string): TraceSummary {
  return readTrace(path, summarize);
}

function summarize(reader: TraceReader): TraceSummary {
  const live = new LivePages();
  const class_of: number[] = [];
  const touched_in: number[] = [];
  const written_in: number[] = [];
  const held = [0, 0, 0];
  let at_last_end = [0, 0, 0];
  const invocations: InvocationSummary[] = [];
  let current: InvocationSummary | undefined;

  const events = reader.events();
  let step = events.next();
  for (; !step.done; step = events.next()) {
    const event = step.value;
    if (current !== undefined && 'gap' in event) current.instructions += event.gap;
    switch (event.kind) {
      case 'page':
        live.add(event.number, class_of.length);
        class_of.push(init);
        touched_in.push(-1);
        written_in.push(-1);
        held[init]! += 1;
        break;
      case 'unmap':
        for (const page of live.remove(event.first, event.pages)) held[class_of[page]!]! -= 1;
        break;
      case 'begin':
        current = {
          instructions: 0,
          touched_pages: 0,
          written_pages: 0,
          rewritten_pages: 0,
          llc_misses: 0,
        };
        invocations.push(current);
        break;
      case 'end':
        current = undefined;
        at_last_end = [...held];
        break;
      case 'run': {
        if (current === undefined) break;
        const { page, counts } = event;
        const now = invocations.length - 1;
        current.llc_misses += counts[3] + counts[4] + counts[5];
        if (touched_in[page] !== now) current.touched_pages += 1;
        touched_in[page] = now;
        if (counts[1] > 0 && written_in[page] !== now) {
          current.written_pages += 1;
          if (now > 0 && written_in[page] === now - 1) current.rewritten_pages += 1;
          written_in[page] = now;
        }
        const became = Math.max(class_of[page]!, counts[1] > 0 ? read_write : read_only);
        held[class_of[page]!]! -= 1;
        held[became]! += 1;
        class_of[page] = became;
      }
    }
  }
  return {
    metadata: reader.metadata,
    totals: step.value as Totals,
    footprint_pages: at_last_end.reduce((sum, each) => sum + each, 0),
    init_pages: at_last_end[init]!,
    read_only_pages: at_last_end[read_only]!,
    read_write_pages: at_last_end[read_write]!,
    invocations,
  };
}
