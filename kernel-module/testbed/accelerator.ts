/** Chooses how QEMU runs guest code: KVM only where it has been seen to boot a guest, else emulation. */
import { constants } from 'node:fs';
import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cacheRoot, fingerprint } from './cache.ts';
import { run } from './host-command.ts';
import type { Kernel } from './kernel.ts';
import { Machine } from './machine.ts';
import type { Accelerator } from './qemu-arguments.ts';

/** Long enough for any KVM that is worth having; one that hangs costs this much once per boot of the host. */
const probe_timeout_ms = 15_000;

export async function chooseAccelerator(kernel: Kernel): Promise<Accelerator> {
  try {
    await access('/dev/kvm', constants.R_OK | constants.W_OK);
  } catch {
    return 'tcg';
  }
  const before = await triedAccelerator();
  if (before !== undefined) return before;
  const accelerator = (await kvmBoots(kernel)) ? 'kvm' : 'tcg';
  const verdict = await verdictFile();
  await mkdir(dirname(verdict), { recursive: true });
  await writeFile(verdict, accelerator);
  return accelerator;
}

/** What was found since this host booted; `undefined` if KVM was not tried. */
export async function triedAccelerator(): Promise<Accelerator | undefined> {
  try {
    return (await readFile(await verdictFile(), 'utf8')) === 'kvm' ? 'kvm' : 'tcg';
  } catch {
    return undefined;
  }
}

async function verdictFile(): Promise<string> {
  const boot = await readFile('/proc/sys/kernel/random/boot_id');
  const version = await run('qemu-system-x86_64', ['--version']);
  return join(cacheRoot(), 'accelerator', fingerprint(boot, version));
}

/** The device can be there and open, and a guest still hang in its first instructions. */
async function kvmBoots(kernel: Kernel): Promise<boolean> {
  try {
    const machine = await Machine.boot({
      kernel,
      accelerator: 'kvm',
      boot_timeout_ms: probe_timeout_ms,
    });
    await machine.kill();
    return true;
  } catch {
    return false;
  }
}
