/** Things that are slow to make, kept between runs: each is made beside its place and renamed into it. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';

export function cacheRoot(): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'cxlsim');
}

/**
 * Returns `directory`, after `make` has filled it if it was not there yet. A run that dies leaves only a
 * temporary directory behind, and of two runs that make the same thing the first to finish wins.
 */
export async function cached(
  directory: string,
  make: (temporary: string) => Promise<void>,
): Promise<string> {
  if (existsSync(directory)) return directory;
  const parent = dirname(directory);
  await mkdir(parent, { recursive: true });
  const temporary = await mkdtemp(join(parent, `.${basename(directory)}.`));
  try {
    await make(temporary);
    await rename(temporary, directory);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    if (!existsSync(directory)) throw error;
  }
  return directory;
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
