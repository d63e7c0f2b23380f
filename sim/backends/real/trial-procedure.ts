/** One trial on real kernels: a child made by one mechanism, its invocations, and what they cost. */

import { default_invocations, type Trial } from '../../backend.ts';
import { shellWord } from '../../input/shell-word.ts';
import cxlfork from '../../mechanisms/cxlfork.ts';
import mitosis, { parameters as mitosisParameters } from '../../mechanisms/mitosis.ts';
import { mechanisms as models } from '../../mechanisms/registry.ts';
import type { Measurements } from '../../metrics.ts';
import { type Values, valuesOf } from '../../parameters.ts';
import { place } from '../../placements.ts';
import { policyRefusal } from '../../plugins.ts';
import { bytes_per_mb, ns_per_ms, page_bytes } from '../../units.ts';
import { liveImage } from '../../workload/live-model.ts';
import { loadPolicy } from '../load-policy.ts';
import { interruptible, withinLimit } from '../stoppable.ts';
import { criu } from './criu.ts';
import type { Cluster } from './node.ts';
import { placementBits } from './placement-bits.ts';
import {
  anonymousPages,
  localPages,
  minorFaults,
  pagesByNode,
  residentPages,
} from './process-memory.ts';
import { type ChildCounters, check, control, restore, type ScannedPage } from './rforkctl.ts';
import { cannotFork, end, forkOf, invoke, start } from './served-function.ts';
import type { WarmFunction } from './warm-function.ts';

type Run = (cluster: Cluster, warm: WarmFunction, trial: Trial) => Promise<Measurements>;

/** How each mechanism is carried out; what is missing here real kernels cannot do. */
const mechanisms: Readonly<Record<string, Run>> = {
  'cold-start': coldStart,
  'local-fork': localFork,
  criu,
  mitosis: (cluster, warm, trial) => {
    const { prefetch_pages } = valuesOf(mitosisParameters, trial.parameters['mitosis']);
    const window = `--prefetch-pages ${prefetch_pages + 1}`;
    // The module's image stands in for the parent, which Mitosis leaves where it is.
    const inapplicable = [...mitosis.inapplicable, 'checkpoint_ms', 'cxl_memory_mb'];
    return attach(cluster, warm, `--placement migrate-on-access ${window}`, inapplicable);
  },
  cxlfork: cxlforkByPolicy,
};

/** Why real kernels cannot run the trial, or `undefined`. */
export async function procedureRefuses(trial: Trial): Promise<string | undefined> {
  const { workload, mechanism, policy, children, invocations } = trial;
  if (workload.kind !== 'live') {
    return `${workload.name} describes a function and is none; a workload of kind live would run`;
  }
  if (!Object.hasOwn(mechanisms, mechanism))
    return `${mechanism} is not carried out on real kernels`;
  const alone = mechanism === 'local-fork' ? cannotFork(workload) : undefined;
  if (alone !== undefined) return alone;
  if (invocations > default_invocations) {
    return `more invocations of a child than ${default_invocations} are only simulated`;
  }
  if (children.count > 1) {
    return `several children of one checkpoint are only simulated; one of ${children.count} would run`;
  }
  if (trial.fabric.node.others_memory_share !== undefined) {
    return 'others in memory are only simulated; without fabric.node.others_memory_share it would run';
  }
  if (policy === undefined) return prefetchRefuses(trial);
  const refusal = policyRefusal(models[mechanism]!);
  if (refusal !== undefined) return refusal;
  const { clairvoyant, tick } = await loadPolicy(policy);
  if (clairvoyant) return `${policy.name} sees the future, which no kernel does`;
  if (tick) return `${policy.name} moves pages between invocations, which is only simulated`;
  return undefined;
}

/** The module has one way of prefetching; another one's counts would be no answer. */
function prefetchRefuses({ mechanism, parameters }: Trial): string | undefined {
  const { prefetch_pages, prefetched } = valuesOf(mitosisParameters, parameters['mitosis']);
  if (mechanism !== 'mitosis' || prefetch_pages === 0 || prefetched === 'mapped') return undefined;
  return 'the module maps prefetched pages at once; parameters.mitosis.prefetched: mapped would run, or prefetch_pages: 0';
}

export function runProcedure(
  cluster: Cluster,
  warm: WarmFunction,
  trial: Trial,
): Promise<Measurements> {
  return mechanisms[trial.mechanism]!(cluster, warm, trial);
}

async function coldStart(cluster: Cluster, warm: WarmFunction): Promise<Measurements> {
  const { child: node } = cluster;
  const started = await start(node, warm.command);
  try {
    const faults_before = await minorFaults(node, started.pid);
    const invocation_ns = await invoke(started);
    const minor_faults = (await minorFaults(node, started.pid)) - faults_before;
    const pages = (await residentPages(node, started.pid)).resident;
    const { anonymous, file, leaves } = await localPages(node, started.pid, pages);
    const elsewhere = await pagesElsewhere(cluster, started.pid);
    const warm_ns = await invoke(started);
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

/**
 * A page that the invocation writes and the parent had at the fork is a copy-on-write fault of the child, in the
 * invocation or before. It was copied if it lies in another frame; where the parent wrote first, the parent took
 * the copy, and the child kept the frame.
 */
async function localFork({ parent: node }: Cluster, warm: WarmFunction): Promise<Measurements> {
  const before = await residentPages(node, warm.parent.pid);
  const child = await forkOf(warm.parent);
  try {
    await check(node, `echo 4 > /proc/${child.pid}/clear_refs`);
    const invocation_ns = await invoke(child);
    const faults = await minorFaults(node, child.pid);
    const { resident, pagemap } = await residentPages(node, child.pid);
    const own = resident.filter((page) => pagemap(page).exclusive && !pagemap(page).file);
    const written = own.filter((page) => pagemap(page).written && before.pagemap(page).present);
    const copied = written.filter((page) => before.pagemap(page).frame !== pagemap(page).frame);
    const { leaves } = await localPages(node, child.pid, resident);
    const warm_ns = await invoke(child);
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

/** The policy is asked here, over the image's bits, and the module is told two bits a page. */
async function cxlforkByPolicy(
  cluster: Cluster,
  warm: WarmFunction,
  trial: Trial,
): Promise<Measurements> {
  const { leaf } = valuesOf(cxlfork.parameters, trial.parameters['cxlfork']);
  const { name } = trial.policy!;
  const policy = await loadPolicy(trial.policy!);
  const values = valuesOf(policy.parameters ?? {}, trial.parameters[name]) as Values;
  const image = liveImage({ ...warm.described, changes: [] });
  const placements = interruptible(() =>
    withinLimit(policy, trial.policy!, (asked) => place(name, asked, values, image)),
  );
  const bits = placementBits(placements);
  const file = `${cluster.scratch}/placements`;
  await cluster.child.writeFile(file, bits);
  const leaves = leaf === 'built' ? '--leaves local' : '';
  return attach(cluster, warm, `--placements ${shellWord(file)} ${leaves}`, cxlfork.inapplicable);
}

async function attach(
  cluster: Cluster,
  warm: WarmFunction,
  words: string,
  inapplicable: readonly string[],
): Promise<Measurements> {
  const { child: node } = cluster;
  const restored = await restore(cluster, warm.checkpoint.image, words);
  const child = { node, ...restored };
  try {
    const invocation_ns = await invoke(child);
    const counters = await control<ChildCounters>(cluster, node, `stats --pid ${child.pid}`);
    const scan = `scan --pid ${child.pid} --pages`;
    const pages = await control<ScannedPage[]>(cluster, node, scan);
    const held = [...pages, ...warm.pages].map(({ address }) => address / page_bytes);
    const { leaves } = await localPages(node, child.pid, held);
    const anonymous = await anonymousPages(node, child.pid, pages);
    const warm_ns = await invoke(child);
    const measured: Measurements = {
      checkpoint_ms: warm.checkpoint.duration_ns / ns_per_ms,
      restore_ms: restored.duration_ns / ns_per_ms,
      end_to_end_ms: (restored.duration_ns + invocation_ns) / ns_per_ms,
      warm_ms: warm_ns / ns_per_ms,
      local_memory_mb: megabytes(anonymous + leaves),
      cxl_memory_mb: warm.checkpoint.bytes / bytes_per_mb,
      pages_copied: counters.pages_migrated,
      leaves_attached: counters.leaves_attached,
      leaves_built: counters.leaves_built,
      leaves_copied: counters.leaves_unshared,
      cow_faults: counters.faults_write,
      migration_faults: counters.faults_deferred,
      minor_faults: counters.faults - counters.faults_write - counters.faults_deferred,
    };
    return Object.fromEntries(
      Object.entries(measured).filter(([metric]) => !inapplicable.includes(metric)),
    );
  } finally {
    await end(child);
  }
}

/** Pages on the NUMA node that stands in for CXL memory. */
async function pagesElsewhere({ child, memory_node }: Cluster, pid: number) {
  if (memory_node === undefined) return undefined;
  const pages = pagesByNode(await check(child, `cat /proc/${pid}/numa_maps`));
  return pages.get(memory_node) ?? 0;
}

function megabytes(pages: number): number {
  return (pages * page_bytes) / bytes_per_mb;
}
