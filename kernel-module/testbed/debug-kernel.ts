/**
 * A kernel that checks itself (KASAN, lockdep, DEBUG_VM, page-table check, fault injection), built from Debian's
 * source package and kept by version, configuration and compiler.
 */
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { cached, cacheRoot, fingerprint } from './cache.ts';
import { packageVersion, unpackPackages } from './debian-package.ts';
import { run } from './host-command.ts';
import type { Kernel } from './kernel.ts';

const sourcePackage = 'linux-source-6.12';
const configuration = join(import.meta.dirname, 'kernel-debug.config');

export async function debugKernel(): Promise<Kernel> {
  const version = await packageVersion(sourcePackage);
  if (version === undefined) {
    throw new Error(
      `kernel 6.12-debug: no Debian package ${sourcePackage} is known here; run "apt-get update" on Debian bookworm`,
    );
  }
  const compiler = await run('gcc', ['--version']);
  const key = fingerprint(version, await readFile(configuration), compiler);
  const root = await cached(join(cacheRoot(), 'kernels', `debug-${key}`), (directory) =>
    buildKernel(directory, `-debug-${key}`),
  );
  const release = (await readFile(join(root, 'release'), 'utf8')).trim();
  return {
    name: '6.12-debug',
    release,
    image: join(root, 'vmlinuz'),
    headers: join(root, 'build'),
    modules: join(root, 'lib/modules', release),
  };
}

/**
 * Takes some ten minutes of one processor, and 2 GB while it lasts. Each configuration is a release of its own, by
 * which modules and images are kept.
 */
async function buildKernel(root: string, localVersion: string): Promise<void> {
  const packages = join(root, 'packages');
  const tree = join(root, 'build');
  await unpackPackages([sourcePackage], packages);
  await run('tar', ['-xf', join(packages, 'usr/src', `${sourcePackage}.tar.xz`), '-C', root]);
  await rename(join(root, sourcePackage), tree);
  await rm(packages, { recursive: true });

  const make = (...goals: string[]) =>
    run('make', ['-s', '-C', tree, `LOCALVERSION=${localVersion}`, ...goals]);
  await make('allnoconfig', `KCONFIG_ALLCONFIG=${configuration}`);
  await assertConfigured(tree);
  await make(`-j${availableParallelism()}`, 'bzImage', 'modules');
  await make('modules_install', `INSTALL_MOD_PATH=${root}`);
  await writeFile(join(root, 'release'), await make('kernelrelease'));
  await rename(join(tree, 'arch/x86/boot/bzImage'), join(root, 'vmlinuz'));
  await keepHeadersOnly(tree);
}

/** Kconfig drops options whose dependencies are not met, without a word. */
async function assertConfigured(tree: string): Promise<void> {
  const asked = (await readFile(configuration, 'utf8')).match(/^CONFIG_\w+=[ym]$/gm) ?? [];
  const given = new Set((await readFile(join(tree, '.config'), 'utf8')).split('\n'));
  const dropped = asked.filter((line) => !given.has(line));
  if (dropped.length > 0) {
    throw new Error(`${configuration}: Kconfig dropped ${dropped.join(', ')}; add what they need`);
  }
}

/** What modules are built against: headers, scripts and build tools; no sources and no objects. */
async function keepHeadersOnly(tree: string): Promise<void> {
  const kept = new Set(['arch', 'include', 'scripts', 'tools']);
  for (const entry of await readdir(tree, { withFileTypes: true })) {
    if (entry.isDirectory() && !kept.has(entry.name)) {
      await rm(join(tree, entry.name), { recursive: true });
    }
  }
  await rm(join(tree, 'vmlinux'), { force: true });
  await rm(join(tree, 'vmlinux.o'), { force: true });
  await run('find', [join(tree, 'arch'), '-name', '*.o', '-delete']);
}
