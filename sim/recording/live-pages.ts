/** Which page of a trace stands at an address now. */

export class LivePages {
  private readonly index_of = new Map<number, number>();

  add(number: number, index: number): void {
    this.index_of.set(number, index);
  }

  get(number: number): number | undefined {
    return this.index_of.get(number);
  }

  /** Forgets the pages numbered `[first, first + pages)`; their indices. */
  remove(first: number, pages: number): number[] {
    const numbers =
      pages < this.index_of.size
        ? Array.from({ length: pages }, (_, i) => first + i)
        : [...this.index_of.keys()].filter((each) => each >= first && each < first + pages);
    const gone: number[] = [];
    for (const number of numbers) {
      const index = this.index_of.get(number);
      if (index !== undefined) gone.push(index);
      this.index_of.delete(number);
    }
    return gone;
  }
}
