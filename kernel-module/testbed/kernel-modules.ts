/** Picks kernel modules with everything they depend on, in the order in which they load. */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type ArchiveEntry, file } from './cpio.ts';
import { runForBytes } from './host-command.ts';
import type { Kernel } from './kernel.ts';

/**
 * The named modules of the kernel and their dependencies as files of the guest, uncompressed, with the
 * `modules.dep` that `modprobe` needs. Names that the kernel has built in, or does not have, are left out.
 */
export async function kernelModules(
  kernel: Kernel,
  names: readonly string[],
): Promise<ArchiveEntry[]> {
  const dependencies = parseDependencies(
    await readFile(join(kernel.modules, 'modules.dep'), 'utf8'),
  );
  const pathOf = new Map([...dependencies.keys()].map((path) => [moduleName(path), path]));
  const chosen = new Set<string>();
  for (const name of names) {
    const path = pathOf.get(name);
    if (path === undefined) continue;
    for (const needed of [path, ...dependencies.get(path)!]) chosen.add(needed);
  }
  const paths = [...chosen].sort();
  const root = `lib/modules/${kernel.release}`;
  const files = await Promise.all(
    paths.map(async (path) =>
      file(`${root}/${uncompressedName(path)}`, await uncompressed(join(kernel.modules, path))),
    ),
  );
  const list = paths.map((path) => {
    const needed = dependencies.get(path)!.map(uncompressedName);
    return `${uncompressedName(path)}: ${needed.join(' ')}\n`;
  });
  return [...files, file(`${root}/modules.dep`, list.join(''))];
}

/** Module file → the files it needs, as `depmod` writes them: `a.ko: b.ko c.ko`. */
function parseDependencies(text: string): Map<string, string[]> {
  return new Map(
    text
      .split('\n')
      .filter((line) => line.includes(':'))
      .map((line) => {
        const [path = '', needed = ''] = line.split(':');
        return [path, needed.split(' ').filter((word) => word !== '')] as const;
      }),
  );
}

/** `kernel/drivers/dax/device_dax.ko.xz` → `device_dax`. */
function moduleName(path: string): string {
  return basename(path)
    .replace(/\.ko(\..*)?$/, '')
    .replaceAll('-', '_');
}

function uncompressedName(path: string): string {
  return path.replace(/\.xz$/, '');
}

/** Busybox cannot load compressed modules on every kernel, so the host unpacks them. */
function uncompressed(path: string): Promise<Buffer> {
  if (!path.endsWith('.xz')) return readFile(path);
  return runForBytes('xz', ['-dc', path]);
}
