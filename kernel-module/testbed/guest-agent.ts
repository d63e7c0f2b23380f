/** Builds the guest's agent from its C source. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached, cacheRoot, fingerprint } from './cache.ts';
import { run } from './host-command.ts';

const source = join(import.meta.dirname, 'guest/agent.c');

export async function guestAgent(): Promise<string> {
  const compiler = await run('gcc', ['--version']);
  const key = fingerprint(await readFile(source), compiler);
  const directory = await cached(join(cacheRoot(), 'agent', key), async (target) => {
    await run('gcc', ['-static', '-O2', '-Wall', '-Werror', '-o', join(target, 'agent'), source]);
  });
  return join(directory, 'agent');
}
