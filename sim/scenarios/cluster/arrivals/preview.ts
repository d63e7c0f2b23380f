/** What arrivals come to when they are played once, without anybody who serves them. */

import type { RandomStream } from '../../../random.ts';
import { ns_per_s } from '../../../units.ts';
import type { Opened } from './kind.ts';
import { Popularity } from './popularity.ts';

export interface PreviewedFunction {
  /** Its number in the source. */
  readonly index: number;
  readonly name: string;
  readonly requests: number;
  readonly per_minute: number;
  readonly duration_ms?: number;
  readonly memory_mb?: number;
}

export interface PreviewTotals {
  readonly requests: number;
  readonly length_s: number;
  readonly most_in_a_second: number;
  readonly most_in_a_minute: number;
  readonly functions_asked: number;
  readonly busiest_share: number;
  readonly busiest_tenth_share: number;
  readonly seldom_share: number;
}

export class Preview {
  /** Busiest first; those that nobody asked for are left out. */
  readonly functions: readonly PreviewedFunction[];
  readonly totals: PreviewTotals;

  constructor({ source, facts, length_s }: Opened, random: RandomStream) {
    const counts = new Float64Array(source.functions.length);
    const seconds = new Busiest(ns_per_s);
    const minutes = new Busiest(60 * ns_per_s);
    for (const { at_ns, of } of source.arrivals(random)) {
      counts[of]! += 1;
      seconds.add(at_ns);
      minutes.add(at_ns);
    }
    const minutes_long = length_s / 60;
    this.functions = source.functions
      .map((name, index): PreviewedFunction => {
        const { duration_ms, memory_mb } = facts[index]!;
        const requests = counts[index]!;
        return {
          index,
          name,
          requests,
          per_minute: requests / minutes_long,
          ...(duration_ms !== undefined && { duration_ms }),
          ...(memory_mb !== undefined && { memory_mb }),
        };
      })
      .filter(({ requests }) => requests > 0)
      .sort((a, b) => b.requests - a.requests || a.index - b.index);
    const popularity = new Popularity(
      this.functions.map(({ name, requests }) => ({ name, invocations: requests })),
      length_s,
    );
    this.totals = {
      requests: popularity.invocations,
      length_s,
      most_in_a_second: seconds.most,
      most_in_a_minute: minutes.most,
      functions_asked: this.functions.length,
      busiest_share: popularity.busiestShare,
      busiest_tenth_share: popularity.requestsShareOf(0.1),
      seldom_share: popularity.functionsShareUpTo(1),
    };
  }
}

/** The most that come in a span of time, of spans one after the other; times never fall. */
class Busiest {
  readonly #length_ns: number;
  #span = -1;
  #count = 0;
  most = 0;

  constructor(length_ns: number) {
    this.#length_ns = length_ns;
  }

  add(at_ns: number): void {
    const span = Math.floor(at_ns / this.#length_ns);
    this.#count = span === this.#span ? this.#count + 1 : 1;
    this.#span = span;
    if (this.#count > this.most) this.most = this.#count;
  }
}
