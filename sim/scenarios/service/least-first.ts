/** Takes the least of some out one by one; those that are never asked for are not sorted. */

export class LeastFirst<T> {
  readonly #heap: T[];
  readonly #isBefore: (a: T, b: T) => boolean;

  /** `isBefore` orders any two; the list is used up. */
  constructor(all: T[], isBefore: (a: T, b: T) => boolean) {
    this.#heap = all;
    this.#isBefore = isBefore;
    for (let index = (all.length >> 1) - 1; index >= 0; index -= 1) this.#sink(index);
  }

  /** Nothing where none is left. */
  take(): T | undefined {
    const heap = this.#heap;
    const [least] = heap;
    const last = heap.pop();
    if (last !== undefined && heap.length > 0) {
      heap[0] = last;
      this.#sink(0);
    }
    return least;
  }

  #sink(from: number): void {
    const heap = this.#heap;
    const own = heap[from]!;
    let index = from;
    for (let child = 2 * index + 1; child < heap.length; child = 2 * index + 1) {
      const other = child + 1;
      if (other < heap.length && this.#isBefore(heap[other]!, heap[child]!)) child = other;
      if (!this.#isBefore(heap[child]!, own)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = own;
  }
}
