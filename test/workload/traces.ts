/** Small traces for tests, written and read as files are. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { readTrace, traceWorkload } from '../../sim/experiment/read-trace.ts';
import { type Counts, region_names, type TraceEvent } from '../../sim/workload/cxltrace/format.ts';
import type { Metadata } from '../../sim/workload/cxltrace/metadata.ts';
import { TraceWriter } from '../../sim/workload/cxltrace/writer.ts';
import type { TraceWorkload } from '../../sim/workload/trace-workload.ts';

const metadata: Metadata = {
  command: ['test'],
  recorder: 'test',
  page_bytes: 4096,
  gap_unit: 'instructions',
  completeness: 'all',
  memory: 'local',
  llc_bytes: 2 ** 20,
  window_pages: null,
  window_instructions: null,
};

export function traceBytes(events: Iterable<TraceEvent>, about: Partial<Metadata> = {}): Buffer {
  const parts: Uint8Array[] = [];
  const writer = new TraceWriter((bytes) => parts.push(bytes.slice()), { ...metadata, ...about });
  for (const event of events) writer.write(event);
  writer.finish();
  return Buffer.concat(parts);
}

/** The trace as a workload named `t`. */
export function workloadOf(
  events: Iterable<TraceEvent>,
  about: Partial<Metadata> = {},
): TraceWorkload {
  const folder = mkdtempSync(join(tmpdir(), 'cxlsim-trace-'));
  try {
    const path = join(folder, 't.cxltrace');
    writeFileSync(path, traceBytes(events, about));
    return traceWorkload(readTrace(path, 't.cxltrace'), {
      name: 't',
      description: 'a trace',
      source: 'test',
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const load: Counts = [1, 0, 0, 0, 0, 0];
export const store: Counts = [0, 1, 0, 0, 0, 0];

/** Three distant 2 MiB ranges, few pages of each: short ranges of pages then fill whole leaves. */
const numbers = fc
  .tuple(fc.constantFrom(7, 8, 4_000_000), fc.nat(5))
  .map(([range, page]) => range * 512 + page);

type Step =
  | {
      readonly do: 'touch';
      readonly number: number;
      readonly region: number;
      readonly counts: Counts;
    }
  | { readonly do: 'declare'; readonly number: number; readonly region: number }
  | { readonly do: 'unmap'; readonly number: number; readonly pages: number };

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('touch' as const),
      number: numbers,
      region: fc.nat(region_names.length - 1),
      counts: fc.tuple(fc.nat(2), fc.nat(1), fc.nat(1), fc.nat(3), fc.nat(1), fc.nat(1)),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('declare' as const),
      number: numbers,
      region: fc.nat(region_names.length - 1),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('unmap' as const),
      number: numbers,
      pages: fc.constantFrom(1, 3, 600),
    }),
  },
);

/** Traces of up to six invocations; a touched page is declared before, and again once it was given back. */
export const traces: fc.Arbitrary<TraceEvent[]> = fc
  .array(fc.tuple(fc.array(steps, { maxLength: 12 }), fc.array(steps, { maxLength: 12 })), {
    minLength: 1,
    maxLength: 6,
  })
  .map((invocations) => {
    const live = new Map<number, number>();
    let pages = 0;
    const events: TraceEvent[] = [];
    const declare = (number: number, region: number) => {
      events.push({ kind: 'page', number, region: region_names[region]! });
      live.set(number, pages);
      pages += 1;
    };
    const play = (step: Step) => {
      if (step.do === 'unmap') {
        for (let i = 0; i < step.pages; i += 1) live.delete(step.number + i);
        events.push({ kind: 'unmap', first: step.number, pages: step.pages });
        return;
      }
      if (!live.has(step.number)) declare(step.number, step.region);
      if (step.do === 'declare') return;
      const page = live.get(step.number)!;
      events.push({ kind: 'run', gap: 10, page, counts: step.counts });
    };
    for (const [before, during] of invocations) {
      before.forEach(play);
      events.push({ kind: 'begin', gap: 5 });
      during.forEach(play);
      events.push({ kind: 'end', gap: 5 });
    }
    return events;
  });
