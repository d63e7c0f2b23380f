/** Marks on a clock, the least first, each with whose it is; equal marks leave in the order in which they came. */

export class MarkHeap {
  readonly #marks: number[] = [];
  readonly #orders: number[] = [];
  readonly #ids: number[] = [];
  #order = 0;

  get size(): number {
    return this.#marks.length;
  }

  /** The least; infinity where there is none. */
  get mark(): number {
    return this.#marks[0] ?? Number.POSITIVE_INFINITY;
  }

  add(mark: number, id: number): void {
    this.#marks.push(mark);
    this.#orders.push(this.#order++);
    this.#ids.push(id);
    this.#rise(this.size - 1);
  }

  /** Takes the least out; there must be one. */
  take(): number {
    const id = this.#ids[0]!;
    this.#removeAt(0);
    return id;
  }

  /** Takes this one out, wherever it is; its mark. */
  remove(id: number): number {
    const index = this.#ids.indexOf(id);
    if (index === -1) throw new Error(`${id} has no mark here`);
    const mark = this.#marks[index]!;
    this.#removeAt(index);
    return mark;
  }

  #removeAt(index: number): void {
    const last = this.size - 1;
    if (index !== last) this.#swap(index, last);
    this.#marks.pop();
    this.#orders.pop();
    this.#ids.pop();
    if (index >= this.size) return;
    this.#rise(index);
    this.#sink(index);
  }

  #before(a: number, b: number): boolean {
    const difference = this.#marks[a]! - this.#marks[b]!;
    return difference < 0 || (difference === 0 && this.#orders[a]! < this.#orders[b]!);
  }

  #rise(from: number): void {
    for (let index = from; index > 0; ) {
      const parent = (index - 1) >> 1;
      if (!this.#before(index, parent)) return;
      this.#swap(index, parent);
      index = parent;
    }
  }

  #sink(from: number): void {
    for (let index = from; ; ) {
      let least = index;
      const child = 2 * index + 1;
      if (child < this.size && this.#before(child, least)) least = child;
      if (child + 1 < this.size && this.#before(child + 1, least)) least = child + 1;
      if (least === index) return;
      this.#swap(index, least);
      index = least;
    }
  }

  #swap(a: number, b: number): void {
    exchange(this.#marks, a, b);
    exchange(this.#orders, a, b);
    exchange(this.#ids, a, b);
  }
}

function exchange(values: number[], a: number, b: number): void {
  const held = values[a]!;
  values[a] = values[b]!;
  values[b] = held;
}
