/**
 * Which branch a tree search forks next: by upper confidence bounds, as Monte Carlo tree search has it (UCT; Kocsis and
 * Szepesvári, "Bandit based Monte-Carlo planning", ECML 2006). From the root down to a branch that was not forked:
 *
 *     argmax over children of   mean worth below + √2 · √( ln visits of the parent / visits of the child )
 *
 * What an answer is worth nobody computes here: half is its parent's and half is drawn, from 0 to 1.
 */

interface Node {
  readonly parent: number;
  readonly worth: number;
  readonly children: number[];
  visits: number;
  sum: number;
}

/** UCB1 (Auer et al. 2002): a bonus of √(2 ln n / n_j), for worths from 0 to 1. */
const exploration = Math.SQRT2;
const of_parent = 0.5;

export class TreeSearch {
  readonly #nodes: Node[] = [{ parent: -1, worth: 0.5, children: [], visits: 0, sum: 0 }];
  readonly #uniform: () => number;

  constructor(uniform: () => number) {
    this.#uniform = uniform;
  }

  /** The branch to be forked; 0 is the trunk. */
  next(): number {
    let at = 0;
    while (this.#nodes[at]!.children.length > 0) at = this.#best(this.#nodes[at]!);
    return at;
  }

  /** An answer of the branch `parent`, which is a branch itself from now on; its number, in order. */
  add(parent: number): number {
    const worth = of_parent * this.#nodes[parent]!.worth + (1 - of_parent) * this.#uniform();
    const number = this.#nodes.push({ parent, worth, children: [], visits: 0, sum: 0 }) - 1;
    this.#nodes[parent]!.children.push(number);
    for (let at = number; at !== -1; at = this.#nodes[at]!.parent) {
      this.#nodes[at]!.visits += 1;
      this.#nodes[at]!.sum += worth;
    }
    return number;
  }

  #best({ children, visits }: Node): number {
    let best = children[0]!;
    let most = Number.NEGATIVE_INFINITY;
    for (const child of children) {
      const { sum, visits: own } = this.#nodes[child]!;
      const bound = sum / own + exploration * Math.sqrt(Math.log(visits) / own);
      if (bound <= most) continue;
      most = bound;
      best = child;
    }
    return best;
  }
}
