/** Builds the module the way a Debian host with DKMS would, without installing DKMS or touching its directories. */
import { cp, mkdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { cached, cacheRoot } from './cache.ts';
import { unpackPackages } from './debian-package.ts';
import { run } from './host-command.ts';
import type { Kernel } from './kernel.ts';

const source = join(import.meta.dirname, '..');

/** Resolves to the path of the built module, which lies under `directory`. */
export async function buildWithDkms(kernel: Kernel, directory: string): Promise<string> {
  const program = await cached(join(cacheRoot(), 'dkms'), (target) =>
    unpackPackages(['dkms'], target),
  );
  const sources = join(directory, 'source');
  const tree = join(directory, 'tree');
  await mkdir(tree, { recursive: true });
  await cp(source, join(sources, 'rfork-1'), {
    recursive: true,
    filter: (path) => !['testbed', 'build'].includes(basename(path)),
  });
  await run(join(program, 'usr/sbin/dkms'), [
    ...['build', 'rfork/1', '-k', kernel.release, '--kernelsourcedir', kernel.headers],
    ...['--sourcetree', sources, '--dkmstree', tree, '--installtree', join(directory, 'install')],
  ]).catch(async (error: Error) => {
    const log = await readFile(join(tree, 'rfork/1/build/make.log'), 'utf8').catch(() => '');
    throw new Error(`${error.message}\n${log}`);
  });
  const found = await run('find', [tree, '-name', 'rfork.ko*']);
  return found.trim();
}
