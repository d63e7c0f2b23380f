/** A child that the module restores: leaves of a checkpoint are attached, and what it counts is read from it. */

import type { Measurements } from '../../metrics.ts';
import { bytes_per_mb, ns_per_ms, page_bytes } from '../../units.ts';
import { type Claims, exact } from './claims.ts';
import { LiveTicks, type TickRules } from './live-ticks.ts';
import { megabytes } from './megabytes.ts';
import type { Cluster, Node } from './node.ts';
import { anonymousPages, localPages } from './process-memory.ts';
import { type ChildCounters, control, restore, type ScannedPage } from './rforkctl.ts';
import { end, invoke } from './served-function.ts';
import type { WarmFunction } from './warm-function.ts';

export const of_a_child: Claims = {
  pages_copied: exact,
  leaves_attached: exact,
  leaves_built: exact,
  leaves_unshared: exact,
  cow_faults: exact,
  migration_faults: exact,
  minor_faults: exact,
  local_memory_mb: exact,
  pages_promoted: exact,
  pages_demoted: exact,
  pages_over_budget: exact,
};

export async function attach(
  cluster: Cluster,
  warm: WarmFunction,
  words: string,
  inapplicable: readonly string[],
  node: Node,
  rules?: TickRules,
): Promise<Measurements> {
  const { checkpoint } = warm.checkpointed;
  // What earlier children touched through leaves that they had attached is nothing that this one did.
  if (rules) await control(cluster, node, `scan --checkpoint ${checkpoint} --clear`);
  const restored = await restore(cluster, node, checkpoint, words);
  const child = { node, ...restored };
  try {
    const nth = warm.warm_invocations + 1;
    const invocation_ns = await invoke(child, nth);
    const counters = await control<ChildCounters>(cluster, node, `stats --pid ${child.pid}`);
    const scan = `scan --pid ${child.pid} --pages`;
    const pages = await control<ScannedPage[]>(cluster, node, scan);
    const held = [...pages, ...warm.pages].map(({ address }) => address / page_bytes);
    const { leaves } = await localPages(node, child.pid, held);
    const anonymous = await anonymousPages(node, child.pid, pages);
    const ticks = rules && new LiveTicks(rules, cluster, warm.pages);
    await ticks?.run(child, invocation_ns);
    const warm_ns = await invoke(child, nth + 1);
    const measured: Measurements = {
      checkpoint_ms: warm.checkpointed.duration_ns / ns_per_ms,
      restore_ms: restored.duration_ns / ns_per_ms,
      end_to_end_ms: (restored.duration_ns + invocation_ns) / ns_per_ms,
      warm_ms: warm_ns / ns_per_ms,
      local_memory_mb: megabytes(anonymous + leaves),
      cxl_memory_mb: warm.checkpointed.bytes / bytes_per_mb,
      pages_copied: counters.pages_copied,
      leaves_attached: counters.leaves_attached,
      leaves_built: counters.leaves_built,
      leaves_unshared: counters.leaves_unshared,
      cow_faults: counters.cow_faults,
      migration_faults: counters.migration_faults,
      minor_faults: counters.faults - counters.cow_faults - counters.migration_faults,
      ...ticks?.measured,
    };
    return Object.fromEntries(
      Object.entries(measured).filter(([metric]) => !inapplicable.includes(metric)),
    );
  } finally {
    await end(child);
  }
}
