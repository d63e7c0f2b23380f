/**
 * Builds the recorder, once: it is kept where the user's caches are, under a name that tells what it
 * was built from. A recorded program sees that name in its variables, so it must not differ from
 * one recording to the next.
 */

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expected } from '../input/expected.ts';
import { InputError } from '../input/input-error.ts';

const sources = fileURLToPath(new URL('../../traces/recorder/', import.meta.url));

/** The folder that serves as VALGRIND_LIB; `spare` is used where there is no place for a cache. */
export function builtRecorder(spare: string): string {
  const valgrind = valgrindVersion();
  const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'cxlsim');
  try {
    mkdirSync(cache, { recursive: true });
  } catch {
    build(spare);
    return spare;
  }
  const folder = join(cache, `recorder-${origin(valgrind)}`);
  if (existsSync(folder)) return folder;
  const partial = `${folder}.${process.pid}.partial`;
  try {
    build(partial);
    renameSync(partial, folder);
  } catch (error) {
    // Another process was faster.
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return folder;
}

function valgrindVersion(): Buffer {
  const { status, stdout } = spawnSync('valgrind', ['--version']);
  if (status === 0) return stdout;
  throw new InputError(
    'trace record',
    status === null ? 'there is no valgrind in PATH' : 'valgrind --version fails',
    'apt-get install valgrind gcc libc6-dev; cxlsim doctor tells what is missing',
  );
}

function origin(valgrind: Buffer): string {
  const hash = createHash('sha256');
  hash.update(valgrind);
  for (const name of readdirSync(sources).sort()) hash.update(readFileSync(join(sources, name)));
  return hash.digest('hex').slice(0, 16);
}

function build(folder: string): void {
  const { status, stderr } = spawnSync('sh', [join(sources, 'build.sh'), folder], {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  if (status === 0) return;
  const [what, right] = (stderr.trim().split('\n').at(-1) ?? '')
    .replace(/^recorder: /, '')
    .split('; ');
  throw new InputError('trace record', what ?? '', right ?? expected('a working C compiler'));
}
