/** What the backend `vm` needs: the testbed's packages, and patience where KVM does not work. */

import { allowedBytes } from './allowed-memory.ts';
import { type Finding, lesser, missing, there, unknown } from './finding.ts';
import type { MachineFiles } from './machine-files.ts';

/** What trying to run a guest under KVM came to. */
export type KvmVerdict = 'works' | 'hangs' | 'fails' | 'untried';

export interface VirtualMachineFacts {
  /** Node's name of the processor. */
  readonly arch: string;
  /** Debian packages that the testbed lacks; `undefined` where this installation has no testbed. */
  readonly missing_packages: readonly string[] | undefined;
  readonly kvm: KvmVerdict;
  /** Kernels that are fetched already. */
  readonly kernels: readonly string[];
}

const gibibyte = 2 ** 30;
/** Two guests of 1 GiB, the memory they share, and the host's own share of them. */
const wanted_bytes = 4 * gibibyte;

export function virtualMachineFindings(files: MachineFiles, facts: VirtualMachineFacts): Finding[] {
  const { arch, missing_packages, kernels } = facts;
  if (missing_packages === undefined) {
    return [missing('testbed', 'not in this installation', 'use a clone of the repository')];
  }
  const names = missing_packages.join(' ');
  return [
    arch === 'x64' ? there('processor', arch) : missing('processor', arch, 'use an x86-64 machine'),
    files.program('apt-get') === undefined
      ? missing('Debian packages', 'no apt-get', 'use Debian bookworm, or a container of it')
      : there('Debian packages', 'apt-get'),
    missing_packages.length === 0
      ? there('packages', 'all installed')
      : missing('packages', `without ${names}`, `apt-get install ${names}`),
    kernels.length > 0
      ? there('kernels', kernels.join(', '))
      : lesser('kernels', 'none fetched yet', 'the first run fetches them from Debian (200 MB)'),
    kvm(files, facts.kvm),
    memory(files),
  ];
}

function kvm(files: MachineFiles, verdict: KvmVerdict): Finding {
  const slow = 'guests are emulated: counts are as exact, times are only relative';
  if (!files.exists('/dev/kvm')) {
    return lesser('KVM', 'no /dev/kvm', `${slow}; a host with virtualisation enabled has it`);
  }
  if (!files.writable('/dev/kvm')) {
    return lesser('KVM', '/dev/kvm may not be opened', `${slow}; join the group kvm`);
  }
  if (verdict === 'works') return there('KVM', 'a guest has run');
  if (verdict === 'untried')
    return unknown('KVM', '/dev/kvm may be opened', 'install QEMU to try it');
  const what = verdict === 'hangs' ? 'a guest hangs' : 'QEMU cannot use it';
  return lesser('KVM', what, `${slow}; nested virtualisation is often switched off`);
}

function memory(files: MachineFiles): Finding {
  const kib = /MemAvailable:\s+(\d+) kB/.exec(files.text('/proc/meminfo') ?? '')?.[1];
  if (kib === undefined) return unknown('memory', 'not told', 'see to 4 GiB of free memory');
  const free_bytes = Number(kib) * 1024;
  const allowed = allowedBytes(files) ?? free_bytes;
  const bytes = Math.min(free_bytes, allowed);
  const why = allowed < free_bytes ? ', as much as its control group allows' : '';
  const found = `${(bytes / gibibyte).toFixed(1)} GiB available${why}`;
  if (bytes >= wanted_bytes) return there('memory', found);
  return lesser('memory', found, 'free 4 GiB for two guests and the memory they share');
}
