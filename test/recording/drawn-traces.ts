/** Traces that fast-check draws: pages that come and go, in and between invocations. */

import fc from 'fast-check';
import { region_names, type TraceEvent } from '../../sim/workload/cxltrace/format.ts';
import type { Metadata } from '../../sim/workload/cxltrace/metadata.ts';

export const metadata: Metadata = {
  command: ['./f'],
  recorder: 'test',
  page_bytes: 4096,
  gap_unit: 'instructions',
  completeness: 'all',
  memory: 'local',
  llc_bytes: 1 << 20,
  window_pages: 512,
  window_instructions: 1e6,
};

const step = fc.record({
  kind: fc.constantFrom('touch', 'touch', 'touch', 'touch', 'unmap', 'mark'),
  number: fc.nat(30),
  region: fc.constantFrom(...region_names),
  gap: fc.nat(1000),
  stores: fc.nat(1),
});

/** As a recorder writes them: a page is declared when it is first touched, and again once it came back. */
export const recordedTraces = fc.array(step, { maxLength: 120 }).map((steps) => {
  const events: TraceEvent[] = [];
  const live = new Map<number, number>();
  let pages = 0;
  let inside = false;
  for (const { kind, number, region, gap, stores } of steps) {
    if (kind === 'mark') {
      events.push({ kind: inside ? 'end' : 'begin', gap });
      inside = !inside;
    } else if (kind === 'unmap') {
      events.push({ kind: 'unmap', first: number, pages: 4 });
      for (let each = number; each < number + 4; each += 1) live.delete(each);
    } else {
      if (!live.has(number)) {
        events.push({ kind: 'page', number, region });
        live.set(number, pages);
        pages += 1;
      }
      events.push({ kind: 'run', gap, page: live.get(number)!, counts: [2, stores, 0, 1, 0, 0] });
    }
  }
  if (inside) events.push({ kind: 'end', gap: 1 });
  return events;
});
