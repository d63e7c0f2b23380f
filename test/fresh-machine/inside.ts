/**
 * A command in a bare root, in mount and process namespaces of its own: whatever ends it, or ends us, no mount is left
 * in the root and no process goes on.
 */

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { certificates_in_root, tree_in_root } from './bare-root.ts';

export interface Ended {
  /** Exit code, or 128 and the signal. */
  readonly code: number;
  /** All that was written, both ways. */
  readonly output: string;
}

const mounts = [
  'mount -t proc proc "$1/proc"',
  'mount -t sysfs sys "$1/sys"',
  'mount --rbind /dev "$1/dev"',
  'mount --bind "$2" "$1/var/cache/apt/archives"',
  'root=$1; shift 2',
  'exec chroot "$root" env -i "$@"',
].join(' && ');

/** Runs a shell command in the root's working tree; what it writes is shown as it comes. */
export function runInside(
  root: string,
  archives: string,
  command: string,
  signal: AbortSignal,
): Promise<Ended> {
  const namespaces = ['--mount', '--pid', '--fork', '--kill-child', 'sh', '-c', mounts, 'sh'];
  const inside = ['sh', '-c', `cd ${tree_in_root} && ${command}`];
  const words = ['--pdeathsig', 'KILL', 'unshare', ...namespaces, root, archives];
  const child = spawn('setpriv', [...words, ...environment(), ...inside], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stop = () => child.kill('SIGKILL');
  signal.addEventListener('abort', stop, { once: true });
  const written: Buffer[] = [];
  for (const [from, to] of [
    [child.stdout, process.stdout],
    [child.stderr, process.stderr],
  ] as const) {
    from.on('data', (data: Buffer) => {
      written.push(data);
      to.write(data);
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      signal.removeEventListener('abort', stop);
      resolve({ code: code ?? 137, output: Buffer.concat(written).toString() });
    });
  });
}

/** Nothing of this machine's environment but the way to its network, and what tests ask for by name. */
function environment(): string[] {
  const kept = Object.entries(process.env).filter(([name]) =>
    /^((https?|no)_proxy|CI|CXLSIM_\w+)$/i.test(name),
  );
  return [
    ...kept.map(([name, value]) => `${name}=${value}`),
    ...(process.env['NODE_EXTRA_CA_CERTS'] ? [`NODE_EXTRA_CA_CERTS=${certificates_in_root}`] : []),
    'HOME=/root',
    'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    'DEBIAN_FRONTEND=noninteractive',
  ];
}

/** Where something is mounted below a folder, from the text of a `mountinfo`. */
export function mountsBelow(folder: string, mountinfo: string): string[] {
  const points = mountinfo.split('\n').flatMap((line) => line.split(' ')[4] ?? []);
  return points
    .map((point) => point.replaceAll(/\\(\d{3})/g, (_, octal) => asCharacter(octal)))
    .filter((point) => point.startsWith(`${folder}/`));
}

function asCharacter(octal: string): string {
  return String.fromCharCode(Number.parseInt(octal, 8));
}

/** Removes the root, unless something of this machine is mounted in it, which would be removed with it. */
export async function removeRoot(root: string): Promise<void> {
  const mounted = mountsBelow(root, readFileSync('/proc/self/mountinfo', 'utf8'));
  if (mounted.length > 0) {
    throw new Error(`${root} is left: ${mounted.join(', ')} is mounted; expected nothing there`);
  }
  await rm(root, { recursive: true, force: true });
}
