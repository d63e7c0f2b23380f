/** How requests are shared over functions: few have nearly all, and most are asked for seldom. */

import type { FunctionFacts } from './function-facts.ts';

export class Popularity {
  /** Busiest first. */
  readonly ranked: readonly FunctionFacts[];
  readonly invocations: number;
  readonly #minutes: number;

  constructor(facts: readonly FunctionFacts[], length_s: number) {
    this.ranked = facts.toSorted((a, b) => b.invocations - a.invocations);
    this.invocations = facts.reduce((sum, each) => sum + each.invocations, 0);
    this.#minutes = length_s / 60;
  }

  /** Of all requests, what the busiest functions have, by their share of all functions. */
  requestsShareOf(functions_share: number): number {
    return this.#shareOfFirst(Math.round(functions_share * this.ranked.length));
  }

  /** Of all requests, what the one busiest function has. */
  get busiestShare(): number {
    return this.#shareOfFirst(1);
  }

  /** Of all functions, those that are asked for no more often in the mean. */
  functionsShareUpTo(per_minute: number): number {
    const most = per_minute * this.#minutes;
    const rare = this.ranked.filter(({ invocations }) => invocations <= most);
    return shareOf(rare.length, this.ranked.length);
  }

  #shareOfFirst(count: number): number {
    const first = this.ranked.slice(0, count);
    const sum = first.reduce((held, each) => held + each.invocations, 0);
    return shareOf(sum, this.invocations);
  }
}

function shareOf(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}
