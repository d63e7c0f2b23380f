/** A local fork on real kernels: `fork()` of the warm parent. */

import type { Trial } from '../../backend.ts';
import type { Measurements } from '../../metrics.ts';
import { ns_per_ms } from '../../units.ts';
import { Turns } from './children.ts';
import { type Bound, exact } from './claims.ts';
import { megabytes } from './megabytes.ts';
import type { Node } from './node.ts';
import { localPages, minorFaults, residentPages } from './process-memory.ts';
import type { RealMechanism } from './real-mechanism.ts';
import { check } from './rforkctl.ts';
import { cannotFork, end, forkOf, invoke } from './served-function.ts';
import type { WarmFunction } from './warm-function.ts';

const parent_writes: Bound = {
  share: 0.25,
  count: 32,
  because:
    'after a fork the parent goes on, and whichever of the two writes a page first copies it; CPython tidies up in a child',
};

export const localFork: RealMechanism = {
  claims: {
    pages_copied: parent_writes,
    cow_faults: parent_writes,
    migration_faults: exact,
    local_memory_mb: parent_writes,
  },
  refuses: ({ workload }: Trial) => (workload.kind === 'live' ? cannotFork(workload) : undefined),
  prepare(_, warm) {
    const turns = { to_fork: new Turns(), to_run: new Turns() };
    return (node) => forkAndRun(warm, turns, node);
  },
};

/**
 * A page that the invocation writes and the parent had at the fork is a copy-on-write fault of the child, in the
 * invocation or before. It was copied if it lies in another frame; where the parent wrote first, the parent took
 * the copy, and the child kept the frame. Parent and children answer on one output, so children take turns.
 */
async function forkAndRun(
  warm: WarmFunction,
  turns: { readonly to_fork: Turns; readonly to_run: Turns },
  node: Node,
): Promise<Measurements> {
  const { before, child } = await turns.to_fork.take(async () => ({
    before: await residentPages(node, warm.parent.pid),
    child: await forkOf(warm.parent),
  }));
  try {
    const nth = warm.warm_invocations + 1;
    const run = (count: number) => turns.to_run.take(() => invoke(child, count));
    await check(node, `echo 4 > /proc/${child.pid}/clear_refs`);
    const invocation_ns = await run(nth);
    const faults = await minorFaults(node, child.pid);
    const { resident, pagemap } = await residentPages(node, child.pid);
    const own = resident.filter((page) => pagemap(page).exclusive && !pagemap(page).file);
    const written = own.filter((page) => pagemap(page).written && before.pagemap(page).present);
    const copied = written.filter((page) => before.pagemap(page).frame !== pagemap(page).frame);
    const { leaves } = await localPages(node, child.pid, resident);
    const warm_ns = await run(nth + 1);
    return {
      restore_ms: child.fork_ns / ns_per_ms,
      end_to_end_ms: (child.fork_ns + invocation_ns) / ns_per_ms,
      warm_ms: warm_ns / ns_per_ms,
      local_memory_mb: megabytes(own.length + leaves),
      pages_copied: copied.length,
      cow_faults: written.length,
      migration_faults: 0,
      minor_faults: Math.max(0, faults - written.length),
    };
  } finally {
    await end(child);
  }
}
