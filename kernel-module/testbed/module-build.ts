/** Builds the module, its tools and its selftests for one kernel, outside the source tree. */
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { cacheRoot, fingerprint } from './cache.ts';
import { type ArchiveEntry, hostFile } from './cpio.ts';
import { run } from './host-command.ts';
import type { Kernel } from './kernel.ts';

const source = join(import.meta.dirname, '..');

/** Where guests find what was built: `/rfork/rfork.ko`, `/rfork/rforkctl`, … */
const guestDirectory = 'rfork';

const built = new Map<string, Promise<ArchiveEntry[]>>();

/** The module for this kernel, its tools and its selftests, as files for a guest; looked after once in a process. */
export function buildModule(kernel: Kernel): Promise<ArchiveEntry[]> {
  const known = built.get(kernel.release) ?? make(kernel);
  built.set(kernel.release, known);
  return known;
}

/**
 * Runs make, which rebuilds only what changed. The build directory belongs to this clone and this kernel, and a lock
 * keeps two runs from building in it at once.
 */
async function make(kernel: Kernel): Promise<ArchiveEntry[]> {
  const directory = join(cacheRoot(), 'builds', fingerprint(source), kernel.release);
  mkdirSync(directory, { recursive: true });
  const goals = ['modules', 'tools', 'selftests'];
  await run('flock', [
    `${directory}.lock`,
    ...['make', '-s', '-C', source, `KDIR=${kernel.headers}`, `BUILD=${directory}`, ...goals],
  ]);
  return filesUnder(directory)
    .filter(isResult)
    .map((path) => hostFile(join(guestDirectory, relative(directory, path)), path));
}

function filesUnder(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function isResult(path: string): boolean {
  return path.endsWith('.ko') || ((statSync(path).mode & 0o100) !== 0 && !/\.(o|so)$/.test(path));
}
