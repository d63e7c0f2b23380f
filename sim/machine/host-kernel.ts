/** What the module needs of the kernel that runs here: its release, headers, configuration and rights. */

import { gunzipSync } from 'node:zlib';
import { type Finding, lesser, missing, there, unknown } from './finding.ts';
import type { MachineFiles } from './machine-files.ts';

/** Kernels that the module's tests run on. */
const tested = /^6\.(1|12)\./;

/** Without one of these the module does not build or load. */
const required = [
  'MODULES',
  'KPROBES',
  'KALLSYMS',
  'DYNAMIC_FTRACE_WITH_REGS',
  'MMU_NOTIFIER',
  'ZONE_DEVICE',
];

/** CAP_SYS_ADMIN in the masks of /proc/self/status (linux/capability.h). */
const cap_sys_admin = 21n;

const secure_boot = '/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c';

export interface HostFacts {
  /** `uname -r`. */
  readonly release: string;
  /** Node's name of the processor. */
  readonly arch: string;
}

export function hostKernelFindings(files: MachineFiles, { release, arch }: HostFacts): Finding[] {
  return [
    arch === 'x64' ? there('processor', arch) : missing('processor', arch, 'use an x86-64 machine'),
    ...container(files),
    kernel(release),
    configuration(files, release),
    moduleState(files, release),
    rights(files),
    secureBoot(files),
    branchTracking(files),
    livePatches(files),
  ];
}

function container(files: MachineFiles): Finding[] {
  const marks = ['/.dockerenv', '/run/.containerenv'];
  if (!marks.some((mark) => files.exists(mark))) return [];
  const next = "run on the host itself: a module is the kernel's, and devices are hidden here";
  return [lesser('container', 'this is one', next)];
}

function kernel(release: string): Finding {
  if (tested.test(release)) return there('kernel', release);
  return unknown(
    'kernel',
    `${release}, on which the module was never tested`,
    "boot Debian's 6.1 or 6.12, or build the module and see",
  );
}

function configuration(files: MachineFiles, release: string): Finding {
  const text = configurationText(files, release);
  if (text === undefined) {
    return unknown(
      'kernel options',
      'no configuration is to be read',
      `need ${required.join(', ')}`,
    );
  }
  const lines = new Set(text.split('\n'));
  const absent = required.filter((option) => !lines.has(`CONFIG_${option}=y`));
  if (absent.length === 0) return there('kernel options', 'all that are needed');
  return missing('kernel options', `without ${absent.join(', ')}`, 'boot a kernel that has them');
}

function configurationText(files: MachineFiles, release: string): string | undefined {
  const own = files.bytes('/proc/config.gz');
  if (own !== undefined) return gunzipSync(own).toString();
  return files.text(`/boot/config-${release}`) ?? files.text(`/lib/modules/${release}/config`);
}

function moduleState(files: MachineFiles, release: string): Finding {
  if (files.exists('/sys/module/rfork')) {
    if (files.writable('/dev/rfork')) return there('module rfork', 'loaded');
    return there('module rfork', 'loaded; only root may open /dev/rfork');
  }
  const built = ['updates/dkms/rfork.ko', 'updates/dkms/rfork.ko.xz', 'extra/rfork.ko'].some(
    (name) => files.exists(`/lib/modules/${release}/${name}`),
  );
  if (built) return missing('module rfork', 'installed, not loaded', 'modprobe rfork, as root');
  const make =
    'make -C kernel-module modules tools, then insmod kernel-module/build/rfork.ko as root';
  const headers = files.exists(`/lib/modules/${release}/build/Makefile`);
  // No pahole: types for BPF programs are left out.
  const packages = [
    ...(headers ? [] : [`linux-headers-${release}`]),
    ...(files.program('make') === undefined ? ['make'] : []),
    ...(files.program('gcc') === undefined ? ['gcc', 'libc6-dev'] : []),
  ];
  return missing(
    'module rfork',
    headers
      ? "not built; the kernel's headers are there"
      : "neither built nor the kernel's headers there",
    packages.length === 0 ? make : `apt-get install ${packages.join(' ')}; ${make}`,
  );
}

function rights(files: MachineFiles): Finding {
  const mask = /CapEff:\s+([0-9a-f]+)/.exec(files.text('/proc/self/status') ?? '')?.[1];
  if (mask === undefined) return unknown('rights', 'not told', 'trials need root');
  if ((BigInt(`0x${mask}`) >> cap_sys_admin) & 1n) return there('rights', 'CAP_SYS_ADMIN');
  return missing('rights', 'no CAP_SYS_ADMIN', 'run trials as root; the simulator needs no rights');
}

function secureBoot(files: MachineFiles): Finding {
  if (!files.exists('/sys/firmware/efi')) return there('Secure Boot', 'off: not booted by UEFI');
  // Four bytes of attributes, then the value (UEFI 2.10, section 3.3).
  const value = files.bytes(secure_boot)?.[4];
  if (value === undefined) {
    return unknown(
      'Secure Boot',
      'not told',
      'mokutil --sb-state; where it is on, sign the module',
    );
  }
  if (value === 0) return there('Secure Boot', 'off');
  return lesser(
    'Secure Boot',
    'on',
    'sign rfork.ko with a key of the machine (kernel-module/README.md)',
  );
}

function branchTracking(files: MachineFiles): Finding {
  const capable = /^flags\s*:.*\bibt\b/m.test(files.text('/proc/cpuinfo') ?? '');
  if (!capable) return there('indirect branch tracking', 'off');
  if (/(^|\s)ibt=off(\s|$)/.test(files.text('/proc/cmdline') ?? '')) {
    return there('indirect branch tracking', 'switched off');
  }
  return missing('indirect branch tracking', 'on: the module refuses to load', 'boot with ibt=off');
}

function livePatches(files: MachineFiles): Finding {
  const patches = files.names('/sys/kernel/livepatch');
  if (patches.length === 0) return there('live patches', 'none');
  return lesser(
    'live patches',
    patches.join(', '),
    'the module refuses to load where one changes a function that it redirects',
  );
}
