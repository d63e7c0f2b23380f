/** The instances of one checkpoint, in the order in which they are restored. */

import type { ChildCosts } from './child-costs.ts';
import type { Place } from './company.ts';

export class Family {
  readonly costs: ChildCosts;
  /** Instances that are to be on each node, and that were restored there so far. */
  readonly #expected = new Map<number, number>();
  readonly #restored = new Map<number, number>();

  /** `nodes` has the node of each instance that will be asked for. */
  constructor(costs: ChildCosts, nodes: readonly number[]) {
    this.costs = costs;
    for (const node of nodes) this.#expected.set(node, (this.#expected.get(node) ?? 0) + 1);
  }

  /** Where the instance stands that was restored on the node just now. */
  placeOfNext(node: number): Place {
    const order = this.#restored.get(node) ?? 0;
    const is_first = this.#restored.size === 0;
    this.#restored.set(node, order + 1);
    const on_node = this.#expected.get(node)!;
    return { is_first, order, on_node, elsewhere: this.#expected.size > 1 };
  }
}
