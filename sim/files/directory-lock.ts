/** One writer per results directory: a lock file that names its holder and can be taken over. */

import {
  constants,
  copyFileSync,
  linkSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../input/input-error.ts';
import { storageFailure } from './storage-failure.ts';

interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When the process began, in clock ticks since boot: tells it from a later one with its number. */
  readonly began: string;
}

/** How file systems without hard links (exFAT, some network mounts) say so. */
const no_links = new Set<string | undefined>(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

/** Locks the directory for this process and returns how to unlock it. */
export function lockDirectory(directory: string): () => void {
  const path = join(directory, 'lock');
  const own = `${path}.${process.pid}.${performance.timeOrigin}`;
  const content = JSON.stringify({ pid: process.pid, host: hostname(), began: began(process.pid) });
  try {
    // Linking a written file makes lock and content appear at once: nobody ever reads an empty lock.
    writeFileSync(own, content);
  } catch (error) {
    try {
      removeIfThere(own);
    } catch {
      // A file system that is read-only refuses this, too, and nothing was written.
    }
    throw refusal(directory, error);
  }
  try {
    while (!linked(own, path)) removeStale(path, own);
  } finally {
    removeIfThere(own);
  }
  return () => {
    if (readIfThere(path) === content) removeIfThere(path);
  };
}

function linked(own: string, path: string): boolean {
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    if (!no_links.has(codeOf(error))) throw refusal(path, error);
  }
  try {
    copyFileSync(own, path, constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw refusal(path, error);
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

function refusal(path: string, error: unknown): Error {
  return storageFailure(path, error, 'choose another directory with --out');
}

/** Removes the lock if its holder is gone, and refuses if it lives or cannot be known. */
function removeStale(path: string, own: string): void {
  const content = readIfThere(path);
  if (content === undefined) return;
  const holder = parseHolder(content);
  if (holder !== undefined && lives(holder)) {
    throw new InputError(
      path,
      `process ${holder.pid} on ${holder.host} is writing this directory`,
      holder.host === hostname()
        ? 'wait for it, stop it, or choose another directory with --out'
        : 'wait for it, choose another directory with --out, or remove the lock if it is gone',
    );
  }
  // Another process may have taken the stale lock over meanwhile: what was moved away is then a
  // living lock and goes back.
  const aside = `${own}.stale`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw refusal(path, error);
  }
  if (readIfThere(aside) !== content) linked(aside, path);
  removeIfThere(aside);
}

function parseHolder(content: string): Holder | undefined {
  try {
    const holder: Partial<Holder> | null = JSON.parse(content);
    return Number.isInteger(holder?.pid) && typeof holder?.host === 'string'
      ? (holder as Holder)
      : undefined;
  } catch {
    return undefined;
  }
}

function lives(holder: Holder): boolean {
  if (holder.host !== hostname()) return true;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    // EPERM: the process is there but is another user's.
    if (codeOf(error) === 'ESRCH') return false;
  }
  return began(holder.pid) === holder.began;
}

/** Field 22 of /proc/<pid>/stat; empty where there is no such file, or only a zombie's. */
function began(pid: number): string {
  const stat = readIfThere(`/proc/${pid}/stat`) ?? '';
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? '' : (fields[19] ?? '');
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw refusal(path, error);
  }
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw refusal(path, error);
  }
}
