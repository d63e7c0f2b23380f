/** Children of one checkpoint on real kernels: each asked for at its time, on its node, and then left to run. */

import { setTimeout } from 'node:timers/promises';
import type { Measured, Trial } from '../../backend.ts';
import type { Measurements } from '../../metrics.ts';
import { askedAfterMs, nodeOfChild, parent_node } from '../../scenarios/fork/schedule.ts';
import { areTogether, meanOf, nodeMemory, together } from '../../scenarios/fork/together.ts';
import type { Cluster, Node } from './node.ts';

/** Makes a child on a node, runs its invocations and ends it. */
export type Live = (node: Node) => Promise<Measurements>;

/** Kernels of a trial, by the nodes of its fabric. */
const kernels = 2;

/** Why no kernel is there for a child, or `undefined`. */
export function kernelRefusal(trial: Trial): string | undefined {
  for (let child = 0; child < trial.children.count; child += 1) {
    const node = nodeOfChild(trial, child);
    if (node < kernels) continue;
    return `a child is on node ${node}, and there are kernels for nodes 0 and 1; expected children.nodes: 1, or fabric.nodes: 2`;
  }
  return undefined;
}

/** Times of all together are absent: kernels share no clock, and whoever asks would time the way to them. */
export async function children(cluster: Cluster, trial: Trial, live: Live): Promise<Measured> {
  const { count } = trial.children;
  const lives = Array.from({ length: count }, async (_, child) => {
    const node = nodeOfChild(trial, child);
    // A run that is ended does not wait for children that were still to come.
    await setTimeout(askedAfterMs(trial, child), undefined, { ref: false });
    return { node, measured: await live(node === parent_node ? cluster.parent : cluster.child) };
  });
  // Whatever becomes of one, the others run to their end, so that nothing is left for the next trial.
  const ended = await Promise.allSettled(lives);
  const siblings = ended.map((each) => {
    if (each.status === 'rejected') throw each.reason;
    return each.value;
  });
  const mean = meanOf(siblings.map(({ measured }) => measured));
  if (!areTogether(count, trial.swept)) return { measurements: mean };
  const held = siblings.map(({ node, measured }) => [node, measured.local_memory_mb!] as const);
  return {
    measurements: { ...mean, ...together(siblings) },
    series: { node_memory_mb: nodeMemory(held) },
  };
}

/** Lets whoever asks have a turn after those before; one that fails ends its turn, too. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  take<T>(turn: () => Promise<T>): Promise<T> {
    const taken = this.#last.then(turn, turn);
    this.#last = taken;
    return taken;
  }
}
