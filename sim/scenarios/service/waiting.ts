/** Requests in line, first come first served among those that can be: a line for each function. */

import type { Request } from './request.ts';

/** Requests of one function in the order in which they were put in; a line that is empty is kept for the next ones. */
class Line {
  readonly of: number;
  readonly #requests: Request[] = [];
  #head = 0;

  constructor(of: number) {
    this.of = of;
  }

  get head(): Request | undefined {
    return this.#requests[this.#head];
  }

  add(request: Request): void {
    this.#requests.push(request);
  }

  take(): void {
    this.#head += 1;
    const { length } = this.#requests;
    if (this.#head === length) this.#requests.length = 0;
    else if (this.#head > 1024 && 2 * this.#head > length) this.#requests.splice(0, this.#head);
    else return;
    this.#head = 0;
  }
}

export class Waiting {
  readonly #lines = new Map<number, Line>();
  /** Lines that are not empty, by when the first in each came. */
  readonly #order: Line[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(request: Request): void {
    let line = this.#lines.get(request.of);
    if (line === undefined) {
      line = new Line(request.of);
      this.#lines.set(request.of, line);
    }
    const is_first = line.head === undefined;
    line.add(request);
    if (is_first) this.#enter(line);
    this.#count += 1;
  }

  /** The first of its function. */
  headOf(of: number): Request | undefined {
    return this.#lines.get(of)?.head;
  }

  /** The first of each function, in the order in which they came. */
  heads(): Request[] {
    return this.#order.map(({ head }) => head!);
  }

  /** Takes the first of the function out. */
  take(of: number): Request {
    return this.#takeAt(this.#order.findIndex((line) => line.of === of));
  }

  /** Has the first of these that can have its turn have it: `serve` gives it that. Whether there was one. */
  takeFirst(serve: (request: Request) => boolean): boolean {
    for (let place = 0; place < this.#order.length; place += 1) {
      if (!serve(this.#order[place]!.head!)) continue;
      this.#takeAt(place);
      return true;
    }
    return false;
  }

  /** Takes out all that came before this time, first those that came first. */
  takeBefore(time_ns: number): readonly Request[] {
    if (this.#count === 0 || this.#order[0]!.head!.arrived_ns >= time_ns) return none;
    const taken: Request[] = [];
    while (this.#count > 0 && this.#order[0]!.head!.arrived_ns < time_ns) {
      taken.push(this.#takeAt(0));
    }
    return taken;
  }

  takeAll(): readonly Request[] {
    return this.takeBefore(Number.POSITIVE_INFINITY);
  }

  #takeAt(place: number): Request {
    const line = this.#order[place]!;
    const request = line.head!;
    line.take();
    this.#count -= 1;
    if (place === 0) this.#order.shift();
    else this.#order.splice(place, 1);
    if (line.head !== undefined) this.#enter(line);
    return request;
  }

  /** Puts a line where its first has it: most came last, and stand at the end. */
  #enter(line: Line): void {
    const order = this.#order;
    const last = order.at(-1);
    if (last === undefined || isBefore(last.head!, line.head!)) {
      order.push(line);
      return;
    }
    let [low, high] = [0, order.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isBefore(order[middle]!.head!, line.head!)) low = middle + 1;
      else high = middle;
    }
    order.splice(low, 0, line);
  }
}

const none: readonly Request[] = [];

/** Of those that came together, the function with the lower number is first. */
function isBefore(a: Request, b: Request): boolean {
  return a.arrived_ns < b.arrived_ns || (a.arrived_ns === b.arrived_ns && a.of < b.of);
}
