/** Counts the events that pass, and knows which one may not come next. */

import { type Columns, event_kinds, page_limit, type Totals } from './format.ts';

const [run, page, , begin, end] = event_kinds.keys();

export class Tally {
  private events = 0;
  private pages = 0;
  private invocations = 0;
  private gap = 0;
  private inside = false;

  get totals(): Totals {
    const { events, pages, invocations, gap } = this;
    return { events, pages, invocations, gap };
  }

  /** What is wrong with event `i` at this place; it is not counted then. */
  add(columns: Columns, i: number): string | undefined {
    const gap = this.gap + columns.gap[i]!;
    if (gap > Number.MAX_SAFE_INTEGER) return 'the trace lasts longer than 2^53';
    switch (columns.kind[i]!) {
      case run:
        if (columns.page[i]! < this.pages) break;
        return this.undeclared(columns.page[i]!);
      case page:
        if (this.pages === page_limit) return `more than ${page_limit} pages are declared`;
        this.pages += 1;
        break;
      case begin:
        if (this.inside) return 'an invocation begins within another';
        this.inside = true;
        break;
      case end:
        if (!this.inside) return 'an invocation ends that did not begin';
        this.inside = false;
        this.invocations += 1;
        break;
    }
    this.events += 1;
    this.gap = gap;
    return undefined;
  }

  /** Counts the other `pages - 1` of runs without a gap, which begin at `page`. */
  repeat(page: number, pages: number): string | undefined {
    if (page + pages > this.pages) return this.undeclared(page + pages - 1);
    this.events += pages - 1;
    return undefined;
  }

  private undeclared(page: number): string {
    return `page ${page} of ${this.pages} is touched before it is declared`;
  }

  /** What is wrong with an end of the trace here. */
  end(): string | undefined {
    return this.inside ? 'the trace ends within an invocation' : undefined;
  }
}
