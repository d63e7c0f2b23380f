/** The guest's shell and tools: Debian's static busybox, unpacked in the cache (installing it would replace the host's). */
import { join } from 'node:path';
import { cached, cacheRoot } from './cache.ts';
import { unpackPackages } from './debian-package.ts';

export async function busybox(): Promise<string> {
  const directory = await cached(join(cacheRoot(), 'busybox'), (target) =>
    unpackPackages(['busybox-static'], target),
  );
  return join(directory, 'bin/busybox');
}
