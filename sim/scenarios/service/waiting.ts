/**
 * Requests in line, first come first served among those that can be: a line for each function.
 *
 *     order   │ b │ a │ d │ …      functions whose lines are not empty, by when the first in each came
 *     line    b ─► b ─► b          requests of one function in the order in which they were put in
 */

import type { Request } from './request.ts';

export class Waiting {
  /** First and last in the line of each function. */
  readonly #heads: (Request | undefined)[];
  readonly #tails: (Request | undefined)[];
  /** When the first in each line came. */
  readonly #head_ns: Float64Array;
  /** Those of `order` from `first` up to `end` have a line. */
  readonly #order: Int32Array;
  #first = 0;
  #end = 0;
  #count = 0;

  constructor(functions: number) {
    this.#heads = new Array(functions).fill(undefined);
    this.#tails = new Array(functions).fill(undefined);
    this.#head_ns = new Float64Array(functions);
    this.#order = new Int32Array(2 * functions);
  }

  get count(): number {
    return this.#count;
  }

  /** How many functions have a line. */
  get lines(): number {
    return this.#end - this.#first;
  }

  /** The first in the line at this place of their order. */
  headAt(place: number): Request {
    return this.#heads[this.#order[this.#first + place]!]!;
  }

  /** The first of its function. */
  headOf(of: number): Request | undefined {
    return this.#heads[of];
  }

  /** The first of each function, in the order in which they came. */
  heads(): Request[] {
    return Array.from({ length: this.lines }, (_, place) => this.headAt(place));
  }

  add(request: Request): void {
    const { of } = request;
    request.behind = undefined;
    const tail = this.#tails[of];
    this.#tails[of] = request;
    this.#count += 1;
    if (tail !== undefined) tail.behind = request;
    else {
      this.#heads[of] = request;
      this.#enter(of, request.arrived_ns);
    }
  }

  /** Takes the first of the function out. */
  take(of: number): Request {
    return this.takeAt(this.#order.indexOf(of, this.#first) - this.#first);
  }

  /** Takes the first in the line at this place out. */
  takeAt(place: number): Request {
    const order = this.#order;
    const at = this.#first + place;
    const of = order[at]!;
    const request = this.#heads[of]!;
    if (place === 0) this.#first += 1;
    else {
      order.copyWithin(at, at + 1, this.#end);
      this.#end -= 1;
    }
    this.#count -= 1;
    const { behind } = request;
    request.behind = undefined;
    this.#heads[of] = behind;
    if (behind === undefined) this.#tails[of] = undefined;
    else this.#enter(of, behind.arrived_ns);
    return request;
  }

  /** Takes out all that came before this time, first those that came first. */
  takeBefore(time_ns: number): readonly Request[] {
    if (this.#count === 0 || this.headAt(0).arrived_ns >= time_ns) return none;
    const taken: Request[] = [];
    while (this.#count > 0 && this.headAt(0).arrived_ns < time_ns) taken.push(this.takeAt(0));
    return taken;
  }

  takeAll(): readonly Request[] {
    return this.takeBefore(Number.POSITIVE_INFINITY);
  }

  /** Puts a line where its first has it: most came last, and stand at the end. */
  #enter(of: number, head_ns: number): void {
    const order = this.#order;
    this.#head_ns[of] = head_ns;
    if (this.#end === order.length) {
      order.copyWithin(0, this.#first, this.#end);
      this.#end -= this.#first;
      this.#first = 0;
    }
    let place = this.#end;
    this.#end += 1;
    if (place > this.#first && !this.#isBefore(order[place - 1]!, of)) {
      place = this.#placeOf(of, place - 1);
      order.copyWithin(place + 1, place, this.#end - 1);
    }
    order[place] = of;
  }

  /** The first place whose function does not come before this one; that of `high` does not. */
  #placeOf(of: number, high: number): number {
    let low = this.#first;
    let end = high;
    while (low < end) {
      const middle = (low + end) >> 1;
      if (this.#isBefore(this.#order[middle]!, of)) low = middle + 1;
      else end = middle;
    }
    return low;
  }

  /** Of those that came together, the function with the lower number is first. */
  #isBefore(a: number, b: number): boolean {
    const earlier_ns = this.#head_ns[b]! - this.#head_ns[a]!;
    return earlier_ns > 0 || (earlier_ns === 0 && a < b);
  }
}

const none: readonly Request[] = [];
