/** From a scenario's wishes to a running testbed: kernel, accelerator, module build, guest files. */
import { chooseAccelerator } from './accelerator.ts';
import { type ArchiveEntry, hostFile } from './cpio.ts';
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
  return Testbed.start({
    ...options,
    kernel,
    accelerator: await chooseAccelerator(kernel),
    files,
  });
}
