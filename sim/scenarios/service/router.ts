/** To which node a request goes: the routing policy is shown the nodes that are there. */

import type { NodeView } from '../../routing.ts';
import type { RoutingAnswers } from './answers.ts';
import type { ServiceNode } from './service-node.ts';

type Shown = { -readonly [K in keyof NodeView]: NodeView[K] };

export class Router {
  readonly #nodes: readonly ServiceNode[];
  readonly #answers: RoutingAnswers;
  readonly #views: readonly Shown[];
  /** Of nodes that are there; and the same as the policy is given them, frozen, where each look takes V8 a call. */
  #there: readonly Shown[];
  #shown: readonly Shown[];

  constructor(nodes: readonly ServiceNode[], answers: RoutingAnswers) {
    this.#nodes = nodes;
    this.#answers = answers;
    const nothing = { running: 0, waiting: 0, memory_used: 0, idle: 0 };
    this.#views = nodes.map(({ index, cores }) => viewOf({ index, cores, ...nothing }));
    this.#there = this.#views;
    this.#shown = Object.freeze([...this.#there]);
  }

  /** Nothing where no node is there. */
  route(of: number): ServiceNode | undefined {
    const there = this.#there;
    if (there.length === 0) return undefined;
    for (let place = 0; place < there.length; place += 1) {
      const view = there[place]!;
      const node = this.#nodes[view.index]!;
      view.running = node.cores_used;
      view.waiting = node.waiting.count;
      view.idle = node.idleOf(of);
      view.memory_used = node.memory_used;
    }
    return this.#nodes[this.#answers.route(of, this.#shown, there)];
  }

  /** After a node has failed or has come back. */
  look(): void {
    this.#there = this.#views.filter(({ index }) => this.#nodes[index]!.alive);
    this.#shown = Object.freeze([...this.#there]);
  }
}

/** A policy cannot give a node another number; what else it may write there is written anew for the next request. */
function viewOf(view: Shown): Shown {
  return Object.seal(Object.defineProperty(view, 'index', { writable: false }));
}
