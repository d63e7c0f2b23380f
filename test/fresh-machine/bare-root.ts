/**
 * A Debian that holds nothing but what Debian calls minimal, Node.js, and a copy of this working tree: the machine of
 * somebody who has just heard of the project. It lies in a folder of its own and is left as it came.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../../kernel-module/testbed/host-command.ts';
import { prepareHost } from '../../kernel-module/testbed/requirements.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));

const suite = 'bookworm';

/** Where the working tree lies in the root. */
export const tree_in_root = '/root/cxlsim';

/** A copy of the certificates by which this machine reaches its registries, where it needs some of its own. */
export const certificates_in_root = '/etc/ssl/certs/of-the-network.crt';

/** Fills the empty folder `root`. */
export async function makeRoot(root: string): Promise<void> {
  if (process.getuid?.() !== 0) {
    throw new Error('a bare root is made with chroot and mounts, which takes root; expected root');
  }
  await prepareHost('bare-root');
  // Its own mounts are made in a namespace of its own, whatever ends it.
  const words = ['mmdebstrap', '--quiet', '--variant=minbase', '--include=ca-certificates', suite];
  await run('unshare', ['--mount', ...words, root]);
  await copyNode(root);
  copyTree(join(root, tree_in_root));
  await copyNetwork(root);
}

/** Debian's own Node.js is older than what is needed: the one that runs this, and its npm, stand for a user's. */
async function copyNode(root: string): Promise<void> {
  const local = join(root, 'usr/local');
  const node = realpathSync(process.execPath);
  copyFileSync(node, join(local, 'bin/node'));
  const npm = npmFolder(node);
  cpSync(npm, join(local, 'lib/node_modules/npm'), { recursive: true, verbatimSymlinks: true });
  for (const name of ['npm', 'npx']) {
    await symlink(`../lib/node_modules/npm/bin/${name}-cli.js`, join(local, 'bin', name));
  }
  const tried = spawnSync('chroot', [root, 'node', '--version'], { encoding: 'utf8' });
  if (tried.status === 0) return;
  const reason = tried.stderr.trim().split('\n')[0];
  throw new Error(
    `${node} does not run in a bare Debian (${reason}); expected a Node.js as nodejs.org builds it`,
  );
}

function npmFolder(node: string): string {
  const beside = [join(dirname(node), '../lib/node_modules/npm'), '/usr/share/nodejs/npm'];
  const found = beside.find((folder) => existsSync(join(folder, 'bin/npm-cli.js')));
  if (found === undefined) throw new Error(`no npm lies beside ${node}; expected one`);
  return found;
}

/** What git would check out, with the changes that are not committed yet; nothing that it ignores. */
function copyTree(target: string): void {
  const listed = execFileSync('git', ['ls-files', '-z', '-co', '--exclude-standard'], {
    cwd: repository,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  for (const path of listed.split('\0')) {
    const from = join(repository, path);
    if (path === '' || !existsSync(from)) continue;
    mkdirSync(dirname(join(target, path)), { recursive: true });
    cpSync(from, join(target, path), { verbatimSymlinks: true, preserveTimestamps: true });
  }
}

/** The way to Debian and to the npm registry is this machine's: its resolver, proxies and certificates. */
async function copyNetwork(root: string): Promise<void> {
  const certificates = process.env['NODE_EXTRA_CA_CERTS'];
  if (certificates) copyFileSync(certificates, join(root, certificates_in_root));
  const resolver = join(root, 'etc/resolv.conf');
  await rm(resolver, { force: true });
  await writeFile(resolver, readFileSync('/etc/resolv.conf'));
  const settings = execFileSync('apt-config', ['dump'], { encoding: 'utf8' });
  const kept = settings.split('\n').filter((line) => /^Acquire::(Check-|https?::)/.test(line));
  await writeFile(join(root, 'etc/apt/apt.conf.d/99network'), `${kept.join('\n')}\n`);
  // A root of mmdebstrap has no mtab, which some programs read.
  if (!existsSync(join(root, 'etc/mtab'))) await symlink('/proc/mounts', join(root, 'etc/mtab'));
}
