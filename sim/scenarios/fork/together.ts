/** Several children as metrics: the mean of what each measured, and what they are together. */

import type { Measurements, MetricName } from '../../metrics.ts';
import type { Points } from '../../series.ts';
import { ns_per_ms } from '../../units.ts';
import { parent_node } from './schedule.ts';

/** One child as its siblings see it. */
export interface Sibling {
  readonly node: number;
  readonly measured: Measurements;
}

/** The same where one clock is all children's. */
export interface TimedSibling extends Sibling {
  readonly asked_ns: number;
  readonly ready_ns: number;
  /** When its first invocation had ended. */
  readonly done_ns: number;
}

/** Whether children are told of together: several, and one among others in a line over their number. */
export function areTogether(count: number, swept: Readonly<Record<string, unknown>>): boolean {
  return count > 1 || 'children.count' in swept;
}

/** All children of a trial measure the same metrics. */
export function meanOf(each: readonly Measurements[]): Measurements {
  const [first] = each;
  if (each.length === 1) return first!;
  return Object.fromEntries(
    (Object.keys(first!) as MetricName[]).map((name) => [
      name,
      each.reduce((sum, measured) => sum + measured[name]!, 0) / each.length,
    ]),
  );
}

/** When children were ready and done, since the first was asked for. */
export function times(siblings: readonly TimedSibling[]): Measurements {
  const asked_ns = Math.min(...siblings.map((sibling) => sibling.asked_ns));
  const sinceAsked = (ns: number) => (ns - asked_ns) / ns_per_ms;
  const ready_ms = siblings.map(({ ready_ns }) => sinceAsked(ready_ns));
  return {
    first_ready_ms: Math.min(...ready_ms),
    all_ready_ms: Math.max(...ready_ms),
    all_done_ms: Math.max(...siblings.map(({ done_ns }) => sinceAsked(done_ns))),
  };
}

/** The slowest of them, and their memory, in all and on the node that holds most. */
export function together(siblings: readonly Sibling[]): Measurements {
  const of_nodes = nodeMemory(
    siblings.map(({ node, measured }) => [node, measured.local_memory_mb!]),
  );
  const each_mb = of_nodes.map(([, node_mb]) => node_mb);
  return {
    slowest_end_to_end_ms: Math.max(...siblings.map(({ measured }) => measured.end_to_end_ms!)),
    children_local_memory_mb: each_mb.reduce((sum, node_mb) => sum + node_mb),
    fullest_node_memory_mb: Math.max(...each_mb),
  };
}

/** What children hold on their nodes and the parent's, of what each of them holds on its. */
export function nodeMemory(each: Points): Points {
  const of_nodes = new Map([[parent_node, 0]]);
  for (const [node, held_mb] of each) of_nodes.set(node, (of_nodes.get(node) ?? 0) + held_mb);
  return [...of_nodes].sort(([a], [b]) => a - b);
}
