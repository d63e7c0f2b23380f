/** Builds the C programs of guest/ as static executables, which run in any guest. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached, cacheRoot, fingerprint } from './cache.ts';
import { run } from './host-command.ts';

/** Host path of the built `guest/<name>.c`. */
export async function guestProgram(name: string): Promise<string> {
  const source = join(import.meta.dirname, 'guest', `${name}.c`);
  const compiler = await run('gcc', ['--version']);
  const key = fingerprint(await readFile(source), compiler);
  const directory = await cached(join(cacheRoot(), 'guest-programs', `${name}-${key}`), (target) =>
    run('gcc', ['-static', '-O2', '-Wall', '-Werror', '-o', join(target, name), source]).then(
      () => undefined,
    ),
  );
  return join(directory, name);
}
