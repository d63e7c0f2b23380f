/** Typed arrays that grow as a trace is read: a number for each page or touch, not an object. */

import { grown } from '../grown.ts';

type Values = Uint8Array | Uint32Array | Float64Array;

export class Column<A extends Values> {
  values: A;
  length = 0;

  constructor(of: new (length: number) => A) {
    this.values = new of(1024);
  }

  push(value: number): void {
    if (this.length === this.values.length) this.values = grown(this.values, this.length + 1);
    this.values[this.length] = value;
    this.length += 1;
  }

  /** Forgets all values and keeps the room. */
  clear(): void {
    this.length = 0;
  }

  /** The values alone, in memory of their own. */
  trimmed(): A {
    return this.values.slice(0, this.length) as A;
  }
}
