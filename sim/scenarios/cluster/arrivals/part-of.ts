/** A part of what arrives: within a window of time, which then begins at 0, and a share of it, drawn one by one. */

import type { RandomStream } from '../../../random.ts';
import { type ArrivalSource, Arrivals } from './arrivals.ts';

export interface Part {
  readonly from_ns: number;
  readonly length_ns: number;
  /** Of the requests, each kept or not independently of the others; 1 keeps all and draws nothing. */
  readonly share: number;
}

export class PartOf implements ArrivalSource {
  readonly functions: readonly string[];
  readonly #source: ArrivalSource;
  readonly #part: Part;

  constructor(source: ArrivalSource, part: Part) {
    this.functions = source.functions;
    this.#source = source;
    this.#part = part;
  }

  arrivals(random: RandomStream): Arrivals {
    return new Kept(this.#source.arrivals(random), this.#part, random);
  }
}

class Kept extends Arrivals {
  readonly #all: Arrivals;
  readonly #part: Part;
  readonly #random: RandomStream;

  constructor(all: Arrivals, part: Part, random: RandomStream) {
    super();
    this.#all = all;
    this.#part = part;
    this.#random = random;
  }

  next(): boolean {
    const all = this.#all;
    const { from_ns, length_ns, share } = this.#part;
    while (all.next()) {
      const at_ns = all.at_ns - from_ns;
      if (at_ns >= length_ns) return false;
      if (at_ns < 0 || (share < 1 && this.#random.uniform() >= share)) continue;
      this.at_ns = at_ns;
      this.of = all.of;
      this.duration_ns = all.duration_ns;
      return true;
    }
    return false;
  }
}
