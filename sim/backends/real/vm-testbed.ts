/**
 * Two virtual machines over one memory as the nodes of a trial: booted once, kept while they are sound, and
 * their logs kept when they are not. Guest programs run where chance has no part: no huge pages, no NUMA
 * balancing, and no address-space randomisation unless it is asked for.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../../kernel-module/testbed/host-command.ts';
import type { KernelName } from '../../../kernel-module/testbed/kernel.ts';
import { missingPackages, prepareHost } from '../../../kernel-module/testbed/requirements.ts';
import { startRegion } from '../../../kernel-module/testbed/rfork.ts';
import { startTestbed } from '../../../kernel-module/testbed/scenario-testbed.ts';
import type { Testbed } from '../../../kernel-module/testbed/testbed.ts';
import { bytes_per_mb } from '../../units.ts';
import type { ProgramFile } from '../../workload/live-function.ts';
import type { Machines } from './real-backend.ts';
import { check } from './rforkctl.ts';

export interface VmOptions {
  readonly kernel: KernelName;
  readonly root: 'debian' | 'busybox';
  readonly shared_mb: number;
  readonly memory_mb: number;
  readonly memory: 'local' | 'numa-node';
  readonly layout: 'fixed' | 'random';
}

/** Why this host cannot boot the testbed, after having made it ready as far as it may. */
export async function hostRefuses(): Promise<string | undefined> {
  try {
    if (process.platform !== 'linux' || missingPackages('machines').length > 0) {
      await prepareHost('machines');
    }
    return undefined;
  } catch (error) {
    return (error as Error).message.split('\n')[0]!;
  }
}

const disk_bytes = 128 * bytes_per_mb;

/** Memory of each machine alone, on the node after local (0) and shared memory (1). */
const tier_bytes = 512 * bytes_per_mb;
const tier_node = 2;

const quiet = (layout: VmOptions['layout']) =>
  [
    `echo ${layout === 'random' ? 2 : 0} > /proc/sys/kernel/randomize_va_space`,
    'echo never > /sys/kernel/mm/transparent_hugepage/enabled',
    '[ ! -e /proc/sys/kernel/numa_balancing ] || echo 0 > /proc/sys/kernel/numa_balancing',
  ].join('; ');

/** `start` boots the guests themselves. */
export async function bootMachines(
  options: VmOptions,
  signal: AbortSignal,
  start: typeof startTestbed = startTestbed,
): Promise<Machines> {
  const debian = options.root === 'debian';
  const elsewhere = options.memory === 'numa-node';
  const shared_bytes = options.shared_mb * bytes_per_mb;
  // For CRIU, which only Debian's root has.
  const shared_disk_bytes = debian ? disk_bytes : 0;
  const testbed = await start(options.kernel, {
    nodes: 2,
    debianRoot: debian,
    shared_bytes,
    shared_disk_bytes,
    ...(elsewhere && { tier_bytes }),
    signal,
    memory_bytes: options.memory_mb * bytes_per_mb,
  });
  try {
    await startRegion(testbed, { size_bytes: shared_bytes - shared_disk_bytes });
    const [parent, child] = testbed.nodes as [Testbed['nodes'][0], Testbed['nodes'][0]];
    for (const node of [parent, child]) {
      await check(node, `${quiet(options.layout)}; mkdir -p /tmp/cxlsim`);
    }
    return {
      cluster: {
        parent,
        child,
        tools: '/rfork',
        // Nobody else is in these machines; and paths are part of a process, which must be the same each time.
        scratch: '/tmp/cxlsim',
        ...(debian && { disk: '$(ls /dev/pmem* | head -n 1)' }),
        ...(elsewhere && { memory_node: tier_node }),
        times: 'relative',
      },
      description: `Linux ${parent.kernel.release} in two virtual machines${elsewhere ? ', memory on a NUMA node' : ''}`,
      keepLogs: async (folder, name) => keepLogs(testbed, folder, name),
      areSound: () => isSound(testbed),
      end: () => killMachines(testbed),
    };
  } catch (error) {
    await killMachines(testbed);
    throw error;
  }
}

/** Ends the machines as a power cut would: nothing in them is to be kept. */
async function killMachines(testbed: Testbed): Promise<void> {
  await Promise.all(testbed.nodes.map((node) => node.kill()));
  testbed.memory.close();
}

/** Keeps what the machines' kernels said, for whoever looks into a failure. */
function keepLogs(testbed: Testbed, folder: string, name: string): void {
  mkdirSync(folder, { recursive: true });
  for (const node of testbed.nodes) {
    writeFileSync(join(folder, `${name}-${node.node}.log`), node.consoleLog());
  }
}

/** All that a boot that failed has to say, the end of its console among it. */
export function keepMessage(folder: string, name: string, error: unknown): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.log`), `${error instanceof Error ? error.message : error}\n`);
}

/** Whether the machines run and their kernels have nothing to complain about. */
async function isSound({ nodes }: Testbed): Promise<boolean> {
  if (nodes.some((node) => !node.running)) return false;
  try {
    const complaints = await Promise.all(nodes.map((node) => node.kernelComplaints()));
    return complaints.flat().length === 0;
  } catch {
    return false;
  }
}

/** A static executable, which runs in any guest. */
export async function compile({ name, text }: ProgramFile): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'cxlsim-'));
  try {
    const source = join(folder, name);
    await writeFile(source, text);
    await run('gcc', ['-static', '-O2', '-o', join(folder, 'program'), source]);
    return await readFile(join(folder, 'program'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
