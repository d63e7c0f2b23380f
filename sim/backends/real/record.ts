/**
 * Records what one invocation does to a function's memory, by a child that copies each page when it first
 * touches it: traced faults tell which page and when, D bits which were written.
 */

import type { Recording } from '../../workload/live-function.ts';
import { describeInvocation } from './described-invocation.ts';
import {
  isFault,
  type MemoryEvent,
  parseTrace,
  traced_calls,
  traced_faults,
} from './memory-trace.ts';
import type { Cluster, Node } from './node.ts';
import { mappingsOf } from './process-memory.ts';
import { programVersions } from './program-versions.ts';
import { type ChildCounters, check, control, restore, type ScannedPage } from './rforkctl.ts';
import { end, invoke } from './served-function.ts';
import type { WarmFunction } from './warm-function.ts';

const tracing = '/sys/kernel/tracing';

export async function record(
  cluster: Cluster,
  warm: WarmFunction,
  about: Pick<Recording, 'made_on' | 'warm_invocations'>,
): Promise<Recording> {
  const child = await traceChild(cluster, warm, 'migrate-on-access');
  const { events, pages, mappings, counters } = child;
  const copied = events.filter((event) => isFault(event) && event.copies).length;
  if (copied !== counters.migration_faults) {
    throw new Error(
      `${cluster.child.node}: ${copied} of ${counters.migration_faults} copied pages were traced`,
    );
  }
  const describe = (written?: ReadonlySet<number>) =>
    describeInvocation(events, { pages, mappings }, warm.pages, warm.mappings, written);
  let described = describe();
  if (mayHideWrites(described)) described = describe(await writtenPages(cluster, warm));
  const { parent } = cluster;
  return {
    format: 3,
    ...about,
    versions: await programVersions(parent, warm.mappings),
    ...warm.described,
    ...described,
    minor_faults: counters.faults - counters.migration_faults - counters.cow_faults,
  };
}

/** Whether a page is gone that was read first: what was written later, no D bit tells any more. */
function mayHideWrites({ touches, changes }: Pick<Recording, 'touches' | 'changes'>): boolean {
  const gone = changes.filter(([, , , kind]) => kind === 'back' || kind === 'back with leaf');
  return touches.some(
    ([first, count, writes]) =>
      writes === 0 && gone.some(([from, length]) => first < from + length && from < first + count),
  );
}

/** Pages of the checkpoint that the invocation writes, from a child that copies them for that alone. */
async function writtenPages(cluster: Cluster, warm: WarmFunction): Promise<Set<number>> {
  const { events } = await traceChild(cluster, warm, 'migrate-on-write');
  return new Set(events.flatMap((event) => (isFault(event) && event.copies ? event.page : [])));
}

interface TracedChild {
  readonly events: readonly MemoryEvent[];
  /** The child's own when the invocation has ended. */
  readonly pages: readonly ScannedPage[];
  readonly mappings: Awaited<ReturnType<typeof mappingsOf>>;
  readonly counters: ChildCounters;
}

/** Lets a child run one invocation, and reads what was traced of it and what it then has. */
async function traceChild(
  cluster: Cluster,
  warm: WarmFunction,
  placement: string,
): Promise<TracedChild> {
  const { child: node } = cluster;
  await check(node, `echo 16384 > ${tracing}/buffer_size_kb; echo > ${tracing}/trace`);
  await trace(node, true);
  const child = await restore(
    cluster,
    node,
    warm.checkpointed.checkpoint,
    `--placement ${placement}`,
  );
  const served = { node, ...child };
  await invoke(served, warm.warm_invocations + 1);
  await trace(node, false);
  const text = await check(node, `cat ${tracing}/trace`);
  const scan = `scan --pid ${child.pid} --pages`;
  const pages = await control<ScannedPage[]>(cluster, node, scan);
  const mappings = await mappingsOf(node, child.pid);
  const counters = await control<ChildCounters>(cluster, node, `stats --pid ${child.pid}`);
  const threads = (await check(node, `ls /proc/${child.pid}/task`)).trim().split(/\s+/).map(Number);
  await end(served);
  const heap = warm.mappings.findLast(({ name }) => name === '[heap]');
  return { events: parseTrace(text, threads, heap?.end), pages, mappings, counters };
}

async function trace(node: Node, on: boolean): Promise<void> {
  const enable = (event: string) => `echo ${on ? 1 : 0} > ${tracing}/events/${event}/enable`;
  const calls = traced_calls.map(
    (event) => `{ [ ! -e ${tracing}/events/${event} ] || ${enable(event)}; }`,
  );
  await check(node, [...traced_faults.map(enable), ...calls].join(' && '));
}
