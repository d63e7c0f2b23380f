/** From a scenario's wishes to a running testbed: kernels, accelerator, module builds, guest files. */
import { join } from 'node:path';
import { chooseAccelerator } from './accelerator.ts';
import { type ArchiveEntry, hostFile } from './cpio.ts';
import { debianRoot as buildDebianRoot } from './debian-root.ts';
import { guestProgram } from './guest-program.ts';
import type { Kernel, KernelName } from './kernel.ts';
import { findKernel } from './kernels.ts';
import { buildModule } from './module-build.ts';
import type { ScenarioHardware } from './scenario.ts';
import { Testbed } from './testbed.ts';

export async function startTestbed(
  name: KernelName,
  hardware: ScenarioHardware = {},
): Promise<Testbed> {
  const { nodes = 2, mixedKernels, debianRoot, withoutModule, disks = [], ...options } = hardware;
  const other = name === '6.1' ? '6.12' : '6.1';
  const names = [name, mixedKernels ? other : name].slice(0, nodes);
  const machines = [];
  for (const each of names) {
    const kernel = await findKernel(each);
    machines.push({ kernel, files: await guestFiles(kernel, withoutModule ?? false) });
  }
  const rootDisk = debianRoot ? ['rootdisk=vda'] : [];
  return Testbed.start({
    ...options,
    machines,
    accelerator: await chooseAccelerator(machines[0]!.kernel),
    disks: [
      ...(debianRoot ? [{ path: await buildDebianRoot(), keepWrites: false }] : []),
      ...disks,
    ],
    kernelParameters: [...(options.kernelParameters ?? []), ...rootDisk],
  });
}

async function guestFiles(kernel: Kernel, withoutModule: boolean): Promise<ArchiveEntry[]> {
  return [
    hostFile('bin/count-together', await guestProgram('count-together')),
    hostFile('rfork/function.py', join(import.meta.dirname, 'guest/function.py')),
    hostFile('rfork/function.mjs', join(import.meta.dirname, 'guest/function.mjs')),
    ...(withoutModule ? [] : await buildModule(kernel)),
  ];
}
