/**
 * Makes a trace smaller: accesses to a page are counted together from one mark to the next, as if the
 * recorder's window had no end. First touches keep their order, and so do pages that come and go.
 */

import type { Counts, TraceEvent } from '../workload/cxltrace/format.ts';

interface Held {
  gap: number;
  readonly counts: number[];
}

export function* coarsen(events: Iterable<TraceEvent>): Generator<TraceEvent, void, void> {
  const number_of: number[] = [];
  const held = new Map<number, Held>();
  /** Time since the last run that began to be held. */
  let since = 0;
  const released = (page: number): TraceEvent => {
    const { gap, counts } = held.get(page)!;
    held.delete(page);
    return { kind: 'run', gap, page, counts: counts as unknown as Counts };
  };
  for (const event of events) {
    if (event.kind === 'run') {
      since += event.gap;
      const known = held.get(event.page);
      if (known) {
        for (const [i, count] of event.counts.entries()) known.counts[i]! += count;
      } else {
        held.set(event.page, { gap: since, counts: [...event.counts] });
        since = 0;
      }
    } else if (event.kind === 'page') {
      number_of.push(event.number);
      yield event;
    } else if (event.kind === 'unmap') {
      // What is given back was touched before; the rest may go on.
      for (const page of held.keys()) {
        const number = number_of[page]!;
        if (number >= event.first && number < event.first + event.pages) yield released(page);
      }
      yield event;
    } else {
      for (const page of held.keys()) yield released(page);
      yield { kind: event.kind, gap: event.gap + since };
      since = 0;
    }
  }
  for (const page of held.keys()) yield released(page);
}
