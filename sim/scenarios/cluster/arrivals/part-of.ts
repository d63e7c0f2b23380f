/** A part of what arrives: within a window of time, which then begins at 0, and a share of it, drawn one by one. */

import type { RandomStream } from '../../../random.ts';
import type { Arrival, ArrivalSource } from './arrivals.ts';

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

  *arrivals(random: RandomStream): Generator<Arrival, void, void> {
    const { from_ns, length_ns, share } = this.#part;
    for (const arrival of this.#source.arrivals(random)) {
      const at_ns = arrival.at_ns - from_ns;
      if (at_ns >= length_ns) return;
      if (at_ns < 0 || (share < 1 && random.uniform() >= share)) continue;
      yield from_ns === 0 ? arrival : { ...arrival, at_ns };
    }
  }
}
