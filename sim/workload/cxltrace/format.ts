/** What a `.cxltrace` holds; docs/trace-format.md draws its bytes. */

export const magic = 'CXLTRACE';
export const byte_order = 0x01020304;
export const version = 1;
export const block_tag = 0x4b434c42;
export const last_tag = 0x5453414c;
export const block_events = 8192;
/** Bounds memory, whatever a damaged length says. */
export const block_limit_bytes = 1 << 22;
/** Pages that a trace may declare, which readers keep tables of: 64 GiB of memory. */
export const page_limit = 2 ** 24;
/** Addresses have 64 bits. */
export const number_limit = 2 ** 52;

/** An event's kind and a page's region are their positions here. */
export const event_kinds = ['run', 'page', 'unmap', 'begin', 'end'] as const;
export const region_names = ['heap', 'stack', 'library', 'anonymous', 'file'] as const;
export type Region = (typeof region_names)[number];

/** Loads, stores, fetched instructions, then last-level-cache misses of each. */
export type Counts = readonly [number, number, number, number, number, number];

/** `gap` is time since the event before; pages are numbered from 0 as they are declared. */
export type TraceEvent =
  | { readonly kind: 'page'; readonly number: number; readonly region: Region }
  | { readonly kind: 'run'; readonly gap: number; readonly page: number; readonly counts: Counts }
  | { readonly kind: 'unmap'; readonly first: number; readonly pages: number }
  | { readonly kind: 'begin' | 'end'; readonly gap: number };

/** The same of many pages at once, for writers: it stands for one event a page, the first with the gap. */
export type TraceExtent =
  | {
      readonly kind: 'pages';
      readonly number: number;
      readonly pages: number;
      readonly region: Region;
    }
  | {
      readonly kind: 'runs';
      readonly gap: number;
      readonly page: number;
      readonly pages: number;
      readonly counts: Counts;
    };

/** The events of one block, column by column. A reader fills the same columns for each block. */
export interface Columns {
  /** Only so many of each column are of this block. */
  events: number;
  /** Positions in `event_kinds`. */
  readonly kind: Uint8Array;
  /** Of runs, begins and ends; 0 elsewhere. */
  readonly gap: Float64Array;
  /** Which declared page a run touches. */
  readonly page: Uint32Array;
  /** Six for each event, of runs. */
  readonly counts: Float64Array;
  /** The number that a page declares, or that an unmap begins with. */
  readonly number: Float64Array;
  /** Positions in `region_names`, of pages. */
  readonly region: Uint8Array;
  /** Pages that an unmap gives back. */
  readonly extent_pages: Float64Array;
}

export function emptyColumns(): Columns {
  return {
    events: 0,
    kind: new Uint8Array(block_events),
    gap: new Float64Array(block_events),
    page: new Uint32Array(block_events),
    counts: new Float64Array(6 * block_events),
    number: new Float64Array(block_events),
    region: new Uint8Array(block_events),
    extent_pages: new Float64Array(block_events),
  };
}

/** What the events of a trace come to; `gap` is the sum of theirs. */
export interface Totals {
  readonly events: number;
  readonly pages: number;
  readonly invocations: number;
  readonly gap: number;
}
