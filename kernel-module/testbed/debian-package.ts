/** Debian packages taken apart in a directory of ours: nothing is installed on this machine. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './host-command.ts';

/** The names in a package's Depends field, first alternatives only; undefined where apt knows no such package. */
export async function packageDependencies(name: string): Promise<string[] | undefined> {
  let record: string;
  try {
    record = await run('apt-cache', ['show', '--no-all-versions', name]);
  } catch {
    return undefined;
  }
  const depends = /^Depends: (.*)$/m.exec(record)?.[1] ?? '';
  return depends.split(/, */).map((entry) => entry.replace(/[ (|].*$/, ''));
}

/** Downloads the packages with apt-get, which checks their signatures, and unpacks them under `target`. */
export async function unpackPackages(names: readonly string[], target: string): Promise<void> {
  const downloads = await mkdtemp(join(tmpdir(), 'cxlsim-packages-'));
  try {
    // Apt warns on stderr that root downloads without its sandbox user; that is harmless here.
    await run('apt-get', ['download', ...names], { cwd: downloads });
    for (const file of await readdir(downloads)) {
      if (file.endsWith('.deb')) await run('dpkg-deb', ['-x', join(downloads, file), target]);
    }
  } finally {
    await rm(downloads, { recursive: true, force: true });
  }
}

/** The version that apt would fetch; undefined where apt knows no such package. */
export async function packageVersion(name: string): Promise<string | undefined> {
  try {
    const record = await run('apt-cache', ['show', '--no-all-versions', name]);
    return /^Version: (.*)$/m.exec(record)?.[1];
  } catch {
    return undefined;
  }
}
