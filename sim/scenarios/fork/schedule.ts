/** When each child of a checkpoint is asked for, and on which node: the same on the simulator and on real kernels. */

import type { Trial } from '../../backend.ts';
import { mechanisms } from '../../mechanisms/registry.ts';

export const parent_node = 0;

type Scheduled = Pick<Trial, 'children' | 'fabric' | 'mechanism'>;

/** Children go to the other nodes in turn, and to the parent's if they are to be on all. */
export function nodeOfChild({ children, fabric, mechanism }: Scheduled, child: number): number {
  if (mechanisms[mechanism]?.reach === 'own-node') return parent_node;
  return (1 + (child % children.nodes)) % fabric.nodes;
}

/** Since the first child was asked for. */
export function askedAfterMs({ children }: Pick<Scheduled, 'children'>, child: number): number {
  return children.starts_ms?.[child] ?? child * children.interval_ms;
}

/** Why the children cannot be on so many nodes, or `undefined` if they can. */
export function scheduleRefusal({ children, fabric, mechanism }: Scheduled): string | undefined {
  if (mechanisms[mechanism]?.reach === 'own-node' && children.nodes > 1) {
    return `${mechanism} makes children on their parent's node only, not on ${children.nodes} nodes`;
  }
  if (children.nodes > fabric.nodes) {
    return `children are on ${children.nodes} nodes of a fabric of ${fabric.nodes}`;
  }
  return undefined;
}
