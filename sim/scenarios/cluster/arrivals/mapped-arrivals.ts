/** Requests of those functions alone that a workload stands for, numbered anew. */

import type { RandomStream } from '../../../random.ts';
import { type ArrivalSource, Arrivals } from './arrivals.ts';

export class MappedArrivals implements ArrivalSource {
  readonly functions: readonly string[];
  /** Index of the workload that stands for each of them. */
  readonly workload_of: readonly number[];
  readonly #source: ArrivalSource;
  /** The number of each function of the source, −1 for one that is left out. */
  readonly #numbers: Int32Array;

  constructor(source: ArrivalSource, workload_of: readonly (number | undefined)[]) {
    this.#source = source;
    this.#numbers = new Int32Array(source.functions.length).fill(-1);
    const functions: string[] = [];
    const workloads: number[] = [];
    for (const [index, name] of source.functions.entries()) {
      const workload = workload_of[index];
      if (workload === undefined) continue;
      this.#numbers[index] = functions.length;
      functions.push(name);
      workloads.push(workload);
    }
    this.functions = functions;
    this.workload_of = workloads;
  }

  arrivals(random: RandomStream): Arrivals {
    return new Mapped(this.#source.arrivals(random), this.#numbers);
  }
}

class Mapped extends Arrivals {
  readonly #all: Arrivals;
  readonly #numbers: Int32Array;

  constructor(all: Arrivals, numbers: Int32Array) {
    super();
    this.#all = all;
    this.#numbers = numbers;
  }

  next(): boolean {
    const all = this.#all;
    while (all.next()) {
      const of = this.#numbers[all.of]!;
      if (of === -1) continue;
      this.at_ns = all.at_ns;
      this.of = of;
      this.duration_ns = all.duration_ns;
      return true;
    }
    return false;
  }
}
