/** Requests in line, first come first served among those that can be: a line for each function. */

import type { Request } from './instance.ts';

interface Line {
  readonly requests: Request[];
  head: number;
}

export class Waiting {
  readonly #lines = new Map<number, Line>();
  /** Functions with a line, by when the first in it came. */
  readonly #order: number[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(request: Request): void {
    const line = this.#lines.get(request.of);
    if (line === undefined) {
      this.#lines.set(request.of, { requests: [request], head: 0 });
      this.#enter(request);
    } else line.requests.push(request);
    this.#count += 1;
  }

  /** The first of its function. */
  headOf(of: number): Request | undefined {
    const line = this.#lines.get(of);
    return line?.requests[line.head];
  }

  /** The first of each function, in the order in which they came. */
  heads(): Request[] {
    return this.#order.map((of) => this.headOf(of)!);
  }

  /** The first of these that can have its turn; `serve` gives it that. */
  first(serve: (request: Request) => boolean): Request | undefined {
    for (const of of this.#order) {
      const head = this.headOf(of)!;
      if (serve(head)) return head;
    }
    return undefined;
  }

  /** Takes the first of the function out. */
  take(of: number): Request {
    const line = this.#lines.get(of)!;
    const request = line.requests[line.head]!;
    line.head += 1;
    this.#count -= 1;
    this.#order.splice(this.#order.indexOf(of), 1);
    if (line.head === line.requests.length) {
      this.#lines.delete(of);
      return request;
    }
    this.#enter(line.requests[line.head]!);
    if (line.head > 1024 && 2 * line.head > line.requests.length) {
      line.requests.splice(0, line.head);
      line.head = 0;
    }
    return request;
  }

  /** Puts a function where the first in its line has it: most came last, and stand at the end. */
  #enter(head: Request): void {
    const order = this.#order;
    let [low, high] = [0, order.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.headOf(order[middle]!)!;
      const is_before =
        other.arrived_ns < head.arrived_ns ||
        (other.arrived_ns === head.arrived_ns && other.of < head.of);
      if (is_before) low = middle + 1;
      else high = middle;
    }
    order.splice(low, 0, head.of);
  }

  /** Takes out all that came before this time. */
  takeBefore(time_ns: number): Request[] {
    const taken: Request[] = [];
    for (const of of [...this.#lines.keys()]) {
      for (let head = this.headOf(of); head && head.arrived_ns < time_ns; head = this.headOf(of)) {
        taken.push(this.take(of));
      }
    }
    return taken;
  }

  takeAll(): Request[] {
    return this.takeBefore(Number.POSITIVE_INFINITY);
  }
}
