/** From a scenario's wishes to a running testbed: kernel, accelerator, module build, guest files. */
import { chooseAccelerator } from './accelerator.ts';
import { type ArchiveEntry, hostFile } from './cpio.ts';
import { debianRoot as buildDebianRoot } from './debian-root.ts';
import { guestProgram } from './guest-program.ts';
import type { KernelName } from './kernel.ts';
import { findKernel } from './kernels.ts';
import { buildModule } from './module-build.ts';
import type { ScenarioHardware } from './scenario.ts';
import { Testbed } from './testbed.ts';

export async function startTestbed(
  name: KernelName,
  hardware: ScenarioHardware = {},
): Promise<Testbed> {
  const { debianRoot, withoutModule, ...options } = hardware;
  const kernel = await findKernel(name);
  const files: ArchiveEntry[] = [
    hostFile('bin/count-together', await guestProgram('count-together')),
    ...(withoutModule ? [] : await buildModule(kernel)),
  ];
  const disks = debianRoot ? [{ path: await buildDebianRoot(), keepWrites: false }] : [];
  const rootDisk = debianRoot ? ['rootdisk=vda'] : [];
  return Testbed.start({
    ...options,
    disks,
    kernelParameters: [...(options.kernelParameters ?? []), ...rootDisk],
    kernel,
    accelerator: await chooseAccelerator(kernel),
    files,
  });
}
