/** Things by when they were used: a binary heap, the least recently used first. */

interface Entry<T> {
  readonly used: number;
  readonly leaf: T;
}

export class LeafQueue<T> {
  readonly #heap: Entry<T>[] = [];

  get first(): Entry<T> | undefined {
    return this.#heap[0];
  }

  push(used: number, leaf: T): void {
    const heap = this.#heap;
    const entry = { used, leaf };
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (heap[above]!.used <= used) break;
      heap[at] = heap[above]!;
      at = above;
    }
    heap[at] = entry;
  }

  pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && heap[below + 1]!.used < heap[below]!.used) below += 1;
      if (heap[below]!.used >= last.used) break;
      heap[at] = heap[below]!;
      at = below;
    }
    heap[at] = last;
  }
}
