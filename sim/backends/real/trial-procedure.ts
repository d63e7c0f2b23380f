/** One trial on real kernels: children made by one mechanism, their invocations, and what they cost. */

import { default_invocations, type Measured, type Trial } from '../../backend.ts';
import { shellWord } from '../../input/shell-word.ts';
import cxlfork from '../../mechanisms/cxlfork.ts';
import mitosis, { parameters as mitosisParameters } from '../../mechanisms/mitosis.ts';
import { mechanisms as models } from '../../mechanisms/registry.ts';
import type { Measurements } from '../../metrics.ts';
import { type Values, valuesOf } from '../../parameters.ts';
import { place } from '../../placements.ts';
import { policyRefusal } from '../../plugins.ts';
import { scheduleRefusal } from '../../scenarios/fork/schedule.ts';
import { bytes_per_mb, ns_per_ms, page_bytes } from '../../units.ts';
import { liveImage } from '../../workload/live-model.ts';
import { loadPolicy } from '../load-policy.ts';
import { interruptible, withinLimit } from '../stoppable.ts';
import { children, kernelRefusal, type Live, Turns } from './children.ts';
import { criu } from './criu.ts';
import type { Cluster, Node } from './node.ts';
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

/** Makes ready what all children of a trial share. */
type Prepare = (cluster: Cluster, warm: WarmFunction, trial: Trial) => Live | Promise<Live>;

/** How each mechanism is carried out; what is missing here real kernels cannot do. */
const mechanisms: Readonly<Record<string, Prepare>> = {
  'cold-start': (cluster, warm) => (node) => coldStart(cluster, warm, node),
  'local-fork': (_, warm) => {
    const turns = { to_fork: new Turns(), to_run: new Turns() };
    return (node) => localFork(warm, turns, node);
  },
  criu: (cluster, warm) => () => criu(cluster, warm),
  mitosis: (cluster, warm, trial) => {
    const { prefetch_pages } = valuesOf(mitosisParameters, trial.parameters['mitosis']);
    const window = `--prefetch-pages ${prefetch_pages + 1}`;
    // The module's image stands in for the parent, which Mitosis leaves where it is.
    const inapplicable = [...mitosis.inapplicable, 'checkpoint_ms', 'cxl_memory_mb'];
    const words = `--placement migrate-on-access ${window}`;
    return (node) => attach(cluster, warm, words, inapplicable, node);
  },
  cxlfork: cxlforkByPolicy,
};

/** Why real kernels cannot run the trial, or `undefined`. */
export async function procedureRefuses(trial: Trial): Promise<string | undefined> {
  const { workload, mechanism, policy, invocations } = trial;
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
  const unplaced = scheduleRefusal(trial) ?? kernelRefusal(trial);
  if (unplaced !== undefined) return unplaced;
  if (mechanism === 'criu' && trial.children.count > 1) {
    return `CRIU restores a process under its own number, which a node has once; expected children.count: 1, not ${trial.children.count}`;
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

export async function runProcedure(
  cluster: Cluster,
  warm: WarmFunction,
  trial: Trial,
): Promise<Measured> {
  return children(cluster, trial, await mechanisms[trial.mechanism]!(cluster, warm, trial));
}

async function coldStart(cluster: Cluster, warm: WarmFunction, node: Node): Promise<Measurements> {
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

/**
 * A page that the invocation writes and the parent had at the fork is a copy-on-write fault of the child, in the
 * invocation or before. It was copied if it lies in another frame; where the parent wrote first, the parent took
 * the copy, and the child kept the frame. Parent and children answer on one output, so children take turns.
 */
async function localFork(
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

/** The policy is asked here, over the image's bits, and the module is told two bits a page. */
async function cxlforkByPolicy(cluster: Cluster, warm: WarmFunction, trial: Trial): Promise<Live> {
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
  for (const node of new Set([cluster.parent, cluster.child])) await node.writeFile(file, bits);
  const words = `--placements ${shellWord(file)} ${leaf === 'built' ? '--leaves local' : ''}`;
  return (node) => attach(cluster, warm, words, cxlfork.inapplicable, node);
}

async function attach(
  cluster: Cluster,
  warm: WarmFunction,
  words: string,
  inapplicable: readonly string[],
  node: Node,
): Promise<Measurements> {
  const restored = await restore(cluster, node, warm.checkpoint.image, words);
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
    const warm_ns = await invoke(child, nth + 1);
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
async function pagesElsewhere({ memory_node }: Cluster, node: Node, pid: number) {
  if (memory_node === undefined) return undefined;
  const pages = pagesByNode(await check(node, `cat /proc/${pid}/numa_maps`));
  return pages.get(memory_node) ?? 0;
}

function megabytes(pages: number): number {
  return (pages * page_bytes) / bytes_per_mb;
}
