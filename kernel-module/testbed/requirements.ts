/** What the host needs for building kernels, booting guests and making a bare Debian; installs it when it may. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run } from './host-command.ts';

/** Building the debugging kernel or ZDTM needs more than booting machines; making a bare Debian, something else. */
export type Purpose = 'machines' | 'debug-kernel' | 'zdtm' | 'bare-root';

interface Requirement {
  readonly package: string;
  /** A program looked up in PATH, or a file by absolute path. */
  readonly needed: string;
}

const library = '/usr/lib/x86_64-linux-gnu';

const requirements: Record<Purpose, readonly Requirement[]> = {
  machines: [
    { package: 'qemu-system-x86', needed: 'qemu-system-x86_64' },
    { package: 'util-linux', needed: 'setpriv' },
    { package: 'gcc-12', needed: 'x86_64-linux-gnu-gcc-12' },
    { package: 'gcc', needed: 'gcc' },
    { package: 'libc6-dev', needed: `${library}/libc.a` },
    { package: 'make', needed: 'make' },
    { package: 'kmod', needed: 'depmod' },
    { package: 'xz-utils', needed: 'xz' },
    { package: 'e2fsprogs', needed: 'mke2fs' },
    { package: 'openssl', needed: 'openssl' },
    { package: 'libelf1', needed: `${library}/libelf.so.1` },
  ],
  'debug-kernel': [
    { package: 'flex', needed: 'flex' },
    { package: 'bison', needed: 'bison' },
    { package: 'bc', needed: 'bc' },
    { package: 'lz4', needed: 'lz4' },
    { package: 'libelf-dev', needed: '/usr/include/gelf.h' },
    { package: 'libssl-dev', needed: '/usr/include/openssl/ssl.h' },
  ],
  zdtm: [
    { package: 'pkg-config', needed: 'pkg-config' },
    { package: 'libaio-dev', needed: '/usr/include/libaio.h' },
    { package: 'libbpf-dev', needed: '/usr/include/bpf/bpf.h' },
    { package: 'libcap-dev', needed: '/usr/include/sys/capability.h' },
    { package: 'libnl-route-3-dev', needed: '/usr/include/libnl3/netlink/netlink.h' },
  ],
  'bare-root': [{ package: 'mmdebstrap', needed: 'mmdebstrap' }],
};

/** Names of the Debian packages that are not there. */
export function missingPackages(purpose: Purpose): string[] {
  return requiredFor(purpose)
    .filter(({ needed }) => !isPresent(needed))
    .map((requirement) => requirement.package);
}

/** Makes the host ready, installing what is missing when root; throws one line that says what it could not do. */
export async function prepareHost(purpose: Purpose): Promise<void> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(
      `kernel testbed: this host is ${process.platform} on ${process.arch}; needs Linux on x64`,
    );
  }
  if (!isPresent('apt-get')) {
    throw new Error(
      'kernel testbed: no apt-get here; needs Debian bookworm for its kernel packages',
    );
  }
  const root = process.getuid?.() === 0;
  if (root) {
    // Without a network the packages that are here already may still do.
    await run('apt-get', ['update', '-qq'], { timeout_ms: 120_000 }).catch(() => undefined);
  }
  const missing = missingPackages(purpose);
  if (missing.length === 0) return;
  if (!root) {
    throw new Error(
      `kernel testbed: missing ${missing.join(', ')}; install with "apt-get install ${missing.join(' ')}" as root`,
    );
  }
  await run(
    'apt-get',
    ['install', '-y', '-qq', '--no-install-recommends', ...lockTimeout, ...missing],
    { env: { DEBIAN_FRONTEND: 'noninteractive' }, timeout_ms: 900_000 },
  );
}

/** The packages' versions on this machine, as far as dpkg knows them: `gcc-12 12.2.0-14+deb12u1, …`. */
export async function installedVersions(purpose: Purpose): Promise<string> {
  const names = requiredFor(purpose).map((requirement) => requirement.package);
  // Dpkg tells of those that it knows, and fails where it does not know all.
  const script = `dpkg-query -W -f '\${Package} \${Version}\\n' "$@" 2>/dev/null || true`;
  const listed = await run('sh', ['-c', script, 'sh', ...names]);
  return listed.trim().split('\n').join(', ');
}

const lockTimeout = ['-o', 'DPkg::Lock::Timeout=300'];

function requiredFor(purpose: Purpose): Requirement[] {
  const purposes: Purpose[] =
    purpose === 'debug-kernel' || purpose === 'zdtm' ? ['machines', purpose] : [purpose];
  return purposes.flatMap((name) => requirements[name]);
}

function isPresent(needed: string): boolean {
  if (needed.startsWith('/')) return existsSync(needed);
  const path = `${process.env['PATH'] ?? ''}${delimiter}/usr/sbin${delimiter}/sbin`;
  return path.split(delimiter).some((directory) => existsSync(join(directory, needed)));
}
