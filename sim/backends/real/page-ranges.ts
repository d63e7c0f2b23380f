/** A set of pages as ranges `[first, end)`, in address order and apart from one another. */

export interface PageRange {
  readonly first: number;
  readonly end: number;
}

export class PageRanges {
  #ranges: PageRange[] = [];

  constructor(ranges: Iterable<PageRange> = []) {
    for (const range of ranges) this.add(range);
  }

  add({ first, end }: PageRange): void {
    if (first >= end) return;
    const apart = this.#ranges.filter((range) => range.end < first || range.first > end);
    const met = this.#ranges.filter((range) => range.end >= first && range.first <= end);
    const joined = {
      first: Math.min(first, ...met.map((range) => range.first)),
      end: Math.max(end, ...met.map((range) => range.end)),
    };
    this.#ranges = [...apart, joined].sort((a, b) => a.first - b.first);
  }

  remove({ first, end }: PageRange): void {
    this.#ranges = this.#ranges.flatMap((range) =>
      [
        { first: range.first, end: Math.min(range.end, first) },
        { first: Math.max(range.first, end), end: range.end },
      ].filter((left) => left.first < left.end),
    );
  }

  /** The parts of the range that are in the set. */
  within({ first, end }: PageRange): PageRange[] {
    return this.#ranges
      .map((range) => ({ first: Math.max(range.first, first), end: Math.min(range.end, end) }))
      .filter((part) => part.first < part.end);
  }
}
