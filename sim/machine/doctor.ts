/** Examines this machine for each part of the project: what is there, what is missing, what to do next. */

import { existsSync, readdirSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Finding } from './finding.ts';
import { type HostFacts, hostKernelFindings } from './host-kernel.ts';
import { hostMemoryFindings } from './host-memory.ts';
import { probeKvm } from './kvm-probe.ts';
import { type MachineFiles, machineFiles } from './machine-files.ts';
import { memoryDevices } from './memory-devices.ts';
import { recordingFindings } from './recording.ts';
import { type SimulatorFacts, simulatorFindings } from './simulator.ts';
import { type VirtualMachineFacts, virtualMachineFindings } from './virtual-machines.ts';

export interface Facts extends SimulatorFacts, HostFacts, VirtualMachineFacts {}

export interface Examination {
  /** What the part is for. */
  readonly part: string;
  readonly ready: boolean;
  readonly findings: readonly Finding[];
}

/** All parts, from what the files of a machine and the facts about it say. */
export function examine(files: MachineFiles, facts: Facts): Examination[] {
  const part = (name: string, findings: readonly Finding[]): Examination => {
    return { part: name, ready: findings.every(({ state }) => state !== 'missing'), findings };
  };
  return [
    part('simulator', simulatorFindings(facts)),
    part('trace record', recordingFindings(files, facts.arch)),
    part('backend vm', virtualMachineFindings(files, facts)),
    part('backend host', [
      ...hostKernelFindings(files, facts),
      ...hostMemoryFindings(files, memoryDevices(files), facts.release),
    ]),
  ];
}

export async function examineHere(): Promise<Examination[]> {
  return examine(machineFiles(), await factsHere());
}

async function factsHere(): Promise<Facts> {
  const { platform, arch, versions } = process;
  const about = { node: versions.node, platform, arch, release: release() };
  return { ...about, drawing: await drawing(), ...(await testbed()) };
}

async function drawing(): Promise<string | undefined> {
  try {
    await import('@resvg/resvg-js');
    return undefined;
  } catch (error) {
    return (error as Error).message.split('\n', 1)[0]!;
  }
}

/** What the testbed says of itself, where this installation has one. */
async function testbed(): Promise<Omit<VirtualMachineFacts, 'arch'>> {
  const folder = fileURLToPath(new URL('../../kernel-module/testbed', import.meta.url));
  if (!existsSync(folder)) return { missing_packages: undefined, kvm: 'untried', kernels: [] };
  const { missingPackages } = await import('../../kernel-module/testbed/requirements.ts');
  const { triedAccelerator } = await import('../../kernel-module/testbed/accelerator.ts');
  const { cacheRoot } = await import('../../kernel-module/testbed/cache.ts');
  const kernels = join(cacheRoot(), 'kernels');
  const before = await triedAccelerator();
  return {
    missing_packages: missingPackages('machines'),
    kvm: before === 'tcg' ? 'hangs' : before === 'kvm' ? 'works' : await probeKvm(),
    kernels: existsSync(kernels) ? finished(readdirSync(kernels)) : [],
  };
}

/** What is still being made has a hidden name. */
function finished(names: readonly string[]): string[] {
  return names.filter((name) => !name.startsWith('.')).sort();
}
