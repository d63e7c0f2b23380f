/**
 * What starts wait for on their node beside its cores: one lock of its kernel or daemon, and one disk, which they hold one
 * after the other in the order in which they were asked for.
 */

import type { RandomStream } from '../../random.ts';
import type { Held, Stage } from '../../staged-mechanism.ts';
import { type Draws, stageDraw_ns } from '../sandboxes/draws.ts';

export class Stations {
  readonly #draws: Draws;
  /** When each is free again, by node. */
  readonly #free_ns = new Map<string, number>();

  constructor(draws: Draws) {
    this.#draws = draws;
  }

  /** How long a start takes that begins now on a core of its own, with its waits. */
  pass(now_ns: number, node: number, stages: readonly Stage[], chance: RandomStream): number {
    let at_ns = now_ns;
    for (const stage of stages) {
      const took_ns = stageDraw_ns(stage, this.#draws, chance);
      if (stage.holds === 'lock' || stage.holds === 'disk') {
        const key = keyOf(node, stage.holds);
        at_ns = Math.max(at_ns, this.#free_ns.get(key) ?? 0);
        this.#free_ns.set(key, at_ns + took_ns);
      }
      at_ns += took_ns;
    }
    return at_ns - now_ns;
  }
}

function keyOf(node: number, held: Held): string {
  return `${node} ${held}`;
}
