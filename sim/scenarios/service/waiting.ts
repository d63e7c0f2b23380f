/** Requests in line, first come first served among those that can be: a line for each function. */

import type { Request } from './instance.ts';

interface Line {
  readonly requests: Request[];
  head: number;
}

export class Waiting {
  readonly #lines = new Map<number, Line>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(request: Request): void {
    const line = this.#lines.get(request.of);
    if (line === undefined) this.#lines.set(request.of, { requests: [request], head: 0 });
    else line.requests.push(request);
    this.#count += 1;
  }

  /** The first of its function. */
  headOf(of: number): Request | undefined {
    const line = this.#lines.get(of);
    return line?.requests[line.head];
  }

  /** The first of each function, in the order in which they came. */
  heads(): Request[] {
    const heads = [...this.#lines.values()].map(({ requests, head }) => requests[head]!);
    return heads.sort((a, b) => a.arrived_ns - b.arrived_ns || a.of - b.of);
  }

  /** Takes the first of the function out. */
  take(of: number): Request {
    const line = this.#lines.get(of)!;
    const request = line.requests[line.head]!;
    line.head += 1;
    this.#count -= 1;
    if (line.head === line.requests.length) this.#lines.delete(of);
    else if (line.head > 1024 && 2 * line.head > line.requests.length) {
      line.requests.splice(0, line.head);
      line.head = 0;
    }
    return request;
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
