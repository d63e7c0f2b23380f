/** Debian's own kernels with their headers, unpacked in the cache; never installed, which would change the host's next boot. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached, cacheRoot } from './cache.ts';
import { packageDependencies, unpackPackages } from './debian-package.ts';
import { run } from './host-command.ts';
import type { Kernel, KernelName } from './kernel.ts';
import { unpackedKernel } from './unpacked-kernel.ts';

export type PackagedKernel = Exclude<KernelName, '6.12-debug'>;

// Metapackages, because the names of concrete versions expire from the archive.
const metapackages: Record<PackagedKernel, readonly string[]> = {
  '6.1': ['linux-image-amd64'],
  '6.12': ['linux-image-6.12-amd64', 'linux-image-amd64'],
};

/** Fetches the kernel and its headers unless the cache has them. */
export async function debianKernel(name: PackagedKernel): Promise<Kernel> {
  const store = join(cacheRoot(), 'kernels');
  const release = (await releaseInArchive(name)) ?? (await newestCached(store, name));
  if (release === undefined) {
    throw new Error(
      `kernel ${name}: no Debian package of it is known here; run "apt-get update" on Debian bookworm`,
    );
  }
  const root = await cached(join(store, release), (directory) => fetchKernel(release, directory));
  return {
    name,
    release,
    image: await unpackedKernel(join(root, 'boot', `vmlinuz-${release}`), release),
    headers: join(root, 'usr/src', `linux-headers-${release}`),
    modules: join(root, 'lib/modules', release),
  };
}

async function releaseInArchive(name: PackagedKernel): Promise<string | undefined> {
  for (const metapackage of metapackages[name]) {
    const image = (await packageDependencies(metapackage))?.find((dependency) =>
      dependency.startsWith(`linux-image-${name}.`),
    );
    if (image !== undefined) return image.replace('linux-image-', '');
  }
  return undefined;
}

async function newestCached(store: string, name: PackagedKernel): Promise<string | undefined> {
  if (!existsSync(store)) return undefined;
  const releases = (await readdir(store)).filter((entry) => entry.startsWith(`${name}.`));
  return releases.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1);
}

async function fetchKernel(release: string, root: string): Promise<void> {
  const headers = `linux-headers-${release}`;
  const parts = ((await packageDependencies(headers)) ?? []).filter((dependency) =>
    /^linux-(headers|kbuild)-/.test(dependency),
  );
  await unpackPackages([`linux-image-${release}`, headers, ...parts], root);
  await makeRelocatable(root, headers);
  await run('depmod', ['-b', root, release]);
  await rm(join(root, 'usr/share'), { recursive: true, force: true });
}

/** Debian's header tree names itself by absolute path; ours lies in the cache. */
async function makeRelocatable(root: string, headers: string): Promise<void> {
  const makefile = join(root, 'usr/src', headers, 'Makefile');
  const here = '$(realpath $(dir $(lastword $(MAKEFILE_LIST)))..)/';
  await writeFile(makefile, (await readFile(makefile, 'utf8')).replaceAll('/usr/src/', here));
  const release = headers.replace('linux-headers-', '');
  const modules = join(root, 'lib/modules', release);
  await mkdir(modules, { recursive: true });
  for (const [link, target] of [
    ['build', headers],
    ['source', headers.replace(/-amd64$/, '-common')],
  ] as const) {
    await rm(join(modules, link), { force: true });
    await symlink(join('../../../usr/src', target), join(modules, link));
  }
}
