/** One child's life: it is restored, and runs its invocations with a tick of the policy between them. */

import type { Activity } from '../../engine/activity.ts';
import { LinkMeter } from '../../fabric/link-meter.ts';
import type { Node } from '../../fabric/node.ts';
import type { Checkpoint } from '../../mechanism.ts';
import type { AddressSpace } from '../../memory/address-space.ts';
import type { FaultCounts } from '../../memory/fault-counts.ts';
import { type InvocationTimes, invoke } from '../../memory/invocation.ts';
import { localBytes } from '../../memory/local-bytes.ts';
import type { Machine } from '../../memory/machine.ts';
import type { PageCache } from '../../memory/page-cache.ts';
import { ns_per_ms } from '../../units.ts';
import type { FunctionModel } from '../../workload/function-model.ts';
import type { LastLevelCaches } from './last-level-caches.ts';
import type { PolicyHost } from './policy-host.ts';
import { type TickCounts, Ticks } from './ticks.ts';

/** What all children of a trial have in common. */
export interface Family {
  readonly machine: Machine;
  readonly checkpoint: Checkpoint;
  readonly placements: Uint8Array;
  readonly model: FunctionModel;
  /** Invocations of each child, at least one. */
  readonly invocations: number;
  readonly caches: LastLevelCaches;
  readonly policy: PolicyHost | undefined;
}

/** What held when the child could run, and when its first invocation had ended. */
export interface First {
  readonly restore_ns: number;
  readonly times: InvocationTimes;
  readonly local_bytes: number;
  readonly counts: FaultCounts;
  readonly read_bytes: number;
  readonly write_bytes: number;
}

/** What held when a later invocation had ended. */
export interface Later {
  readonly times: InvocationTimes;
  readonly latency_ns: number;
  readonly lifetime_ns: number;
  readonly local_bytes: number;
}

export interface Life {
  readonly space: AddressSpace;
  /** When it was asked for, could run its first instruction, and had ended its first invocation. */
  readonly asked_ns: number;
  readonly ready_ns: number;
  readonly done_ns: number;
  readonly first: First;
  /** Those after the first; fewer than were asked for where nothing more was recorded. */
  readonly later: readonly Later[];
  /** Absent under a policy without `tick`. */
  readonly ticks: TickCounts | undefined;
}

/** Lives on a node, of whose cores it holds one while it is restored and while it runs. */
export function* live(family: Family, node: Node): Activity<Life> {
  const { machine, checkpoint, model, policy } = family;
  const { simulation } = machine;
  const { file_read_ns = 0 } = checkpoint;
  const link = new LinkMeter(simulation, machine.fabric.cxl);
  const asked_ns = simulation.now_ns;

  yield* node.cores.acquire();
  let space: AddressSpace;
  let cache: PageCache;
  let ready_ns: number;
  let first: First;
  try {
    space = yield* checkpoint.restore(node.index, family.placements);
    ready_ns = simulation.now_ns;
    cache = family.caches.after(space);
    const times = yield* invoke(space, model.invocation(0)!, cache, file_read_ns);
    first = firstOf(space, ready_ns - asked_ns, times);
  } finally {
    node.cores.release();
  }
  const done_ns = simulation.now_ns;

  const ticks = policy?.policy.tick && new Ticks(policy, space, checkpoint, link);
  let { times } = first;
  const later: Later[] = [];
  for (let index = 1; index < family.invocations; index += 1) {
    if (ticks) {
      const latency_ms = (times.faults_ns + times.execution_ns) / ns_per_ms;
      yield* ticks.run(model.timed === false ? undefined : latency_ms);
    }
    const invocation = model.invocation(index);
    if (!invocation) break;
    yield* node.cores.acquire();
    try {
      times = yield* invoke(space, invocation, cache, file_read_ns);
    } finally {
      node.cores.release();
    }
    later.push({
      times,
      latency_ns: times.faults_ns + times.execution_ns,
      lifetime_ns: simulation.now_ns - asked_ns,
      local_bytes: localBytes(space),
    });
  }
  return { space, asked_ns, ready_ns, done_ns, first, later, ticks: ticks?.counts };
}

function firstOf(space: AddressSpace, restore_ns: number, times: InvocationTimes): First {
  return {
    restore_ns,
    times,
    local_bytes: localBytes(space),
    counts: { ...space.counts },
    read_bytes: space.traffic.read_bytes,
    write_bytes: space.traffic.write_bytes,
  };
}
