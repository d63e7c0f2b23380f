/**
 * An instance of a function, by its costs:
 *
 *     asked for ─► core ─► memory ─► restore ─► first invocation ─► core given back ─► tick, core, invocation, …
 *                            └─► refused, where the node has none left
 */

import type { Activity } from '../../engine/activity.ts';
import type { InvocationCosts } from './child-costs.ts';
import type { Cluster } from './cluster.ts';
import type { Place } from './company.ts';
import type { Family } from './family.ts';
import { bytesOf } from './work.ts';

/** When an instance could run its first instruction, and when it had ended its first invocation. */
export interface Served {
  readonly node: number;
  readonly asked_ns: number;
  readonly ready_ns: number;
  /** Spent on faults, waits for the device among them. */
  readonly faults_ns: number;
  readonly done_ns: number;
  /** Latencies of the invocations after the first. */
  readonly later_ns: readonly number[];
  readonly ended_ns: number;
  /** Bytes that restore and first invocation moved. */
  readonly read_bytes: number;
  readonly write_bytes: number;
}

/** Lives on a node until its last invocation, and holds its memory beyond; nothing where there is none for it. */
export function* live(
  cluster: Cluster,
  family: Family,
  node: number,
): Activity<Served | undefined> {
  const { costs } = family;
  const { simulation, fabric } = cluster;
  const { cores } = fabric.nodes[node]!;
  const asked_ns = simulation.now_ns;
  const [first, ...later] = costs.invocations as [InvocationCosts, ...InvocationCosts[]];

  yield* cores.acquire();
  let place: Place;
  let ready_ns: number;
  let ran: Ran;
  try {
    if (!cluster.memory[node]!.take(costs.most_bytes)) return undefined;
    yield* cluster.work(costs.restore, node);
    place = family.placeOfNext(node);
    ready_ns = simulation.now_ns;
    ran = yield* invoke(cluster, first, node, place);
  } finally {
    cores.release();
  }
  const done_ns = simulation.now_ns;

  const later_ns: number[] = [];
  for (const [index, invocation] of later.entries()) {
    yield* cluster.work(costs.ticks[index + 1]!, node);
    yield* cores.acquire();
    try {
      later_ns.push((yield* invoke(cluster, invocation, node, place)).latency_ns);
    } finally {
      cores.release();
    }
  }
  const { restore } = costs;
  return {
    node,
    asked_ns,
    ready_ns,
    faults_ns: ran.faults_ns,
    done_ns,
    later_ns,
    ended_ns: simulation.now_ns,
    read_bytes: bytesOf(restore, 'read') + bytesOf(first.touching, 'read') + ran.loaded_bytes,
    write_bytes: bytesOf(restore, 'write') + bytesOf(first.touching, 'write'),
  };
}

interface Ran {
  readonly latency_ns: number;
  readonly faults_ns: number;
  readonly loaded_bytes: number;
}

function* invoke(
  cluster: Cluster,
  invocation: InvocationCosts,
  node: number,
  place: Place,
): Activity<Ran> {
  const { simulation, fabric } = cluster;
  const begin_ns = simulation.now_ns;
  yield* cluster.work(invocation.touching, node);
  const waited_ns = simulation.now_ns - begin_ns - invocation.touching_ns;
  const own = invocation.reads(place);
  yield* fabric.cxl_reads.run(own, cluster.accountsOf(node));
  return {
    latency_ns: simulation.now_ns - begin_ns,
    faults_ns: invocation.faults_ns + waited_ns,
    loaded_bytes: Math.round(own.bytes),
  };
}
