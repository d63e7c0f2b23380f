/**
 * A function as every trial needs it: warm on the parent's node, and checkpointed.
 *
 *     start ─ 1st invocation ─ A and D bits cleared ─ 2nd … nth invocation ─ checkpoint
 */

import type { LiveFunction, Recording } from '../../workload/live-function.ts';
import type { Cluster } from './node.ts';
import {
  describePages,
  type Mapping,
  mappingsOf,
  type PagemapEntry,
  pagemapOf,
} from './process-memory.ts';
import { type CheckpointAnswer, check, control, type ScannedPage } from './rforkctl.ts';
import { type Compile, deploy, invoke, type Started, start } from './served-function.ts';

export interface WarmFunction {
  readonly live: LiveFunction;
  /** Starts the function on any node. */
  readonly command: string;
  readonly parent: Started;
  readonly warm_invocations: number;
  readonly checkpointed: CheckpointAnswer;
  readonly mappings: readonly Mapping[];
  /** The parent's pages of these mappings, as they were at the checkpoint. */
  readonly pagemap: (page: number) => PagemapEntry;
  /** The checkpoint's pages in address order, which is the order of placements. */
  readonly pages: readonly ScannedPage[];
  readonly described: Pick<Recording, 'regions' | 'pages' | 'mapping_ends' | 'vma_count'>;
}

export async function warmFunction(
  cluster: Cluster,
  live: LiveFunction,
  warm_invocations: number,
  compile: Compile,
): Promise<WarmFunction> {
  const { parent: node, tools } = cluster;
  const bound = cluster.memory_node === undefined ? '' : `numactl --membind=${cluster.memory_node}`;
  const command = await deploy(live, cluster, compile, bound);
  const parent = await start(node, command);
  await invoke(parent, 1);
  await check(node, `${tools}/rforkctl scan --pid ${parent.pid} --clear`);
  for (let nth = 2; nth <= warm_invocations; nth += 1) await invoke(parent, nth);

  const mappings = await mappingsOf(node, parent.pid);
  const pagemap = await pagemapOf(node, parent.pid, mappings);
  const checkpointed = await control<CheckpointAnswer>(cluster, node, `checkpoint ${parent.pid}`);
  const scan = `scan --checkpoint ${checkpointed.checkpoint} --pages`;
  const pages = await control<ScannedPage[]>(cluster, node, scan);
  const described = {
    ...describePages(pages, mappings, pagemap),
    vma_count: checkpointed.vmas,
  };
  return {
    live,
    command,
    parent,
    warm_invocations,
    checkpointed,
    mappings,
    pagemap,
    pages,
    described,
  };
}
