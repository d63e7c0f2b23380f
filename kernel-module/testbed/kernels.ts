/** Finds a kernel by name, fetching or building it unless the cache has it. */
import { debianKernel } from './debian-kernel.ts';
import { debugKernel } from './debug-kernel.ts';
import type { Kernel, KernelName } from './kernel.ts';
import { prepareHost } from './requirements.ts';

export async function findKernel(name: KernelName): Promise<Kernel> {
  if (name !== '6.12-debug') return debianKernel(name);
  await prepareHost('debug-kernel');
  return debugKernel();
}
