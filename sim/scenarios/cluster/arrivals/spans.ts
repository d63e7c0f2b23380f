/** Spans of time in which so many requests of a function arrive; one that has no length is a time that is known. */

import { Column } from '../../../workload/column.ts';

export class Spans {
  readonly #of = new Column(Uint32Array);
  readonly #from_ns = new Column(Float64Array);
  readonly #to_ns = new Column(Float64Array);
  readonly #count = new Column(Uint32Array);
  /** NaN where it is not told. */
  readonly #duration_ns = new Column(Float64Array);

  get length(): number {
    return this.#of.length;
  }

  add(of: number, from_ns: number, to_ns: number, count: number, duration_ns = Number.NaN): void {
    this.#of.push(of);
    this.#from_ns.push(from_ns);
    this.#to_ns.push(to_ns);
    this.#count.push(count);
    this.#duration_ns.push(duration_ns);
  }

  of(span: number): number {
    return this.#of.values[span]!;
  }

  from_ns(span: number): number {
    return this.#from_ns.values[span]!;
  }

  to_ns(span: number): number {
    return this.#to_ns.values[span]!;
  }

  count(span: number): number {
    return this.#count.values[span]!;
  }

  duration_ns(span: number): number | undefined {
    const told = this.#duration_ns.values[span]!;
    return Number.isNaN(told) ? undefined : told;
  }

  /** Spans by when they begin; those that begin together as they were added. */
  order(): Uint32Array {
    const from = this.#from_ns.values;
    const order = Uint32Array.from({ length: this.length }, (_, span) => span);
    return order.sort((a, b) => from[a]! - from[b]! || a - b);
  }
}
