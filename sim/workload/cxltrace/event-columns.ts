/** Events as objects, and the same as rows of columns. */

import {
  type Columns,
  type Counts,
  event_kinds,
  number_limit,
  page_limit,
  region_names,
  type TraceEvent,
  type TraceExtent,
} from './format.ts';

export function* eventsOf(columns: Columns): Generator<TraceEvent, void, void> {
  for (let i = 0; i < columns.events; i += 1) yield eventAt(columns, i);
}

function eventAt(columns: Columns, i: number): TraceEvent {
  const kind = event_kinds[columns.kind[i]!]!;
  const gap = columns.gap[i]!;
  const number = columns.number[i]!;
  switch (kind) {
    case 'run': {
      const counts = [...columns.counts.subarray(6 * i, 6 * i + 6)] as unknown as Counts;
      return { kind, gap, page: columns.page[i]!, counts };
    }
    case 'page':
      return { kind, number, region: region_names[columns.region[i]!]! };
    case 'unmap':
      return { kind, first: number, pages: columns.extent_pages[i]! };
    default:
      return { kind, gap };
  }
}

/** Extents as the events that they stand for. */
export function* singly(
  events: Iterable<TraceEvent | TraceExtent>,
): Generator<TraceEvent, void, void> {
  for (const event of events) {
    if (event.kind === 'pages') {
      const { number, pages, region } = event;
      for (let i = 0; i < pages; i += 1) yield { kind: 'page', number: number + i, region };
    } else if (event.kind === 'runs') {
      const { page, pages, counts } = event;
      for (let i = 0; i < pages; i += 1) {
        yield { kind: 'run', gap: i === 0 ? event.gap : 0, page: page + i, counts };
      }
    } else {
      yield event;
    }
  }
}

/** Throws RangeError for a number that no trace can hold. */
export function setEvent(columns: Columns, i: number, event: TraceEvent): void {
  columns.kind[i] = event_kinds.indexOf(event.kind);
  columns.gap[i] = 'gap' in event ? whole('gap', event.gap) : 0;
  switch (event.kind) {
    case 'run':
      columns.page[i] = whole('page', event.page, page_limit);
      for (let n = 0; n < 6; n += 1) columns.counts[6 * i + n] = whole('count', event.counts[n]!);
      break;
    case 'page':
      columns.number[i] = whole('page number', event.number, number_limit);
      columns.region[i] = region_names.indexOf(event.region);
      break;
    case 'unmap':
      columns.number[i] = whole('page number', event.first, number_limit);
      columns.extent_pages[i] = whole('number of pages', event.pages);
  }
}

function whole(what: string, value: number, limit = 2 ** 53): number {
  if (Number.isInteger(value) && value >= 0 && value < limit) return value;
  throw new RangeError(`a ${what} of ${value}; expected a whole number from 0 to ${limit - 1}`);
}
