/** Things that are slow to make, kept between runs: each is made beside its place and renamed into it. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';

export function cacheRoot(): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'cxlsim');
}

/**
 * Returns `directory`, after `make` has filled it if it was not there yet. A run that dies leaves only a
 * temporary directory behind; of two runs that need the same thing the second waits for the first.
 */
export async function cached(
  directory: string,
  make: (temporary: string) => Promise<void>,
): Promise<string> {
  if (existsSync(directory)) return directory;
  const parent = dirname(directory);
  await mkdir(parent, { recursive: true });
  const release = await locked(directory);
  try {
    if (existsSync(directory)) return directory;
    const temporary = await mkdtemp(join(parent, `.${basename(directory)}.`));
    try {
      await make(temporary);
      await rename(temporary, directory);
    } catch (error) {
      await rm(temporary, { recursive: true, force: true });
      throw error;
    }
    return directory;
  } finally {
    await release();
  }
}

/** Waits for its turn at `directory`; returns how to end it. The lock goes with this process, however it ends. */
async function locked(directory: string): Promise<() => Promise<void>> {
  const locks = join(cacheRoot(), 'locks');
  await mkdir(locks, { recursive: true });
  const file = join(locks, fingerprint(directory));
  const holder = spawn('flock', [file, 'sh', '-c', 'echo locked; cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(holder, 'close');
  await Promise.race([
    once(holder.stdout, 'data'),
    ended.then(() => Promise.reject(new Error(`flock ${file}: cannot be locked`))),
  ]);
  return async () => {
    holder.stdin.end();
    await ended;
  };
}

/** A short name for everything that a cached thing was made from. */
export function fingerprint(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) {
    hash.update(`${part.length}:`);
    hash.update(part);
  }
  return hash.digest('hex').slice(0, 16);
}
