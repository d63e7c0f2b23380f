/** A cold start on real kernels: the function's own program, started from nothing. */

import type { Measurements } from '../../metrics.ts';
import { ns_per_ms } from '../../units.ts';
import { another_process, exact } from './claims.ts';
import { megabytes } from './megabytes.ts';
import type { Cluster, Node } from './node.ts';
import { localPages, minorFaults, pagesByNode, residentPages } from './process-memory.ts';
import type { RealMechanism } from './real-mechanism.ts';
import { check } from './rforkctl.ts';
import { end, invoke, start } from './served-function.ts';
import type { WarmFunction } from './warm-function.ts';

export const coldStart: RealMechanism = {
  claims: { pages_copied: exact, local_memory_mb: another_process },
  shares_nothing: true,
  prepare: (cluster, warm) => (node) => runFromNothing(cluster, warm, node),
};

async function runFromNothing(
  cluster: Cluster,
  warm: WarmFunction,
  node: Node,
): Promise<Measurements> {
  const started = await start(node, warm.command);
  try {
    const faults_before = await minorFaults(node, started.pid);
    const invocation_ns = await invoke(started, 1);
    const minor_faults = (await minorFaults(node, started.pid)) - faults_before;
    const pages = (await residentPages(node, started.pid)).resident;
    const { anonymous, file, leaves } = await localPages(node, started.pid, pages);
    const elsewhere = await pagesElsewhere(cluster, node, started.pid);
    const warm_ns = await invoke(started, 2);
    return {
      restore_ms: started.initialisation_ns / ns_per_ms,
      end_to_end_ms: (started.initialisation_ns + invocation_ns) / ns_per_ms,
      warm_ms: warm_ns / ns_per_ms,
      local_memory_mb: megabytes(anonymous + file + leaves - (elsewhere ?? 0)),
      ...(elsewhere !== undefined && { cxl_memory_mb: megabytes(elsewhere) }),
      pages_copied: 0,
      minor_faults,
    };
  } finally {
    await end(started);
  }
}

/** Pages on the NUMA node that stands in for CXL memory. */
async function pagesElsewhere({ memory_node }: Cluster, node: Node, pid: number) {
  if (memory_node === undefined) return undefined;
  const pages = pagesByNode(await check(node, `cat /proc/${pid}/numa_maps`));
  return pages.get(memory_node) ?? 0;
}
