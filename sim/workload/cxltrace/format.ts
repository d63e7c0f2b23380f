/** What a `.cxltrace` holds; docs/trace-format.md draws its bytes. */

export const magic = 'CXLTRACE';
export const byte_order = 0x01020304;
export const version = 1;
export const block_tag = 0x4b434c42;
export const last_tag = 0x5453414c;
export const block_events = 8192;
/** Bounds memory, whatever a damaged length says. */
export const block_limit_bytes = 1 << 22;
export const metadata_limit_bytes = 1 << 20;
export const page_limit = 2 ** 28;

/** A page's region is its position here. */
export const region_names = ['heap', 'stack', 'library', 'anonymous', 'file'] as const;
export type Region = (typeof region_names)[number];

/** Loads, stores, fetched instructions, then last-level-cache misses of each. */
export type Counts = readonly [number, number, number, number, number, number];

/** `gap` is instructions since the event before; pages are numbered from 0 as they are declared. */
export type TraceEvent =
  | { readonly kind: 'page'; readonly number: number; readonly region: Region }
  | { readonly kind: 'run'; readonly gap: number; readonly page: number; readonly counts: Counts }
  | { readonly kind: 'unmap'; readonly first: number; readonly pages: number }
  | { readonly kind: 'begin' | 'end'; readonly gap: number };

export interface Metadata {
  readonly command: readonly string[];
  readonly recorder: string;
  readonly page_bytes: number;
  readonly llc_bytes: number;
  readonly window_pages: number;
  readonly window_instructions: number;
}

export interface Totals {
  readonly events: number;
  readonly pages: number;
  readonly invocations: number;
  readonly instructions: number;
}

/** Counts what passes, and knows which event may not come next. */
export class Tally {
  private counted = { events: 0, pages: 0, invocations: 0, instructions: 0 };
  private inside = false;

  get totals(): Totals {
    return { ...this.counted };
  }

  /** What is wrong with the event at this place; nothing is counted then. */
  add(event: TraceEvent): string | undefined {
    const wrong = this.wrong(event);
    if (wrong !== undefined) return wrong;
    this.counted.events += 1;
    if ('gap' in event) this.counted.instructions += event.gap;
    if (event.kind === 'page') this.counted.pages += 1;
    if (event.kind === 'begin') this.inside = true;
    if (event.kind === 'end') {
      this.inside = false;
      this.counted.invocations += 1;
    }
    return undefined;
  }

  /** What is wrong with an end of the trace here. */
  end(): string | undefined {
    return this.inside ? 'the trace ends within an invocation' : undefined;
  }

  private wrong(event: TraceEvent): string | undefined {
    switch (event.kind) {
      case 'page':
        return this.counted.pages >= page_limit ? `more than ${page_limit} pages` : undefined;
      case 'run':
        return event.page >= this.counted.pages
          ? `page ${event.page} of ${this.counted.pages} is touched before it is declared`
          : undefined;
      case 'begin':
        return this.inside ? 'an invocation begins within another' : undefined;
      case 'end':
        return this.inside ? undefined : 'an invocation ends that did not begin';
      default:
        return undefined;
    }
  }
}
