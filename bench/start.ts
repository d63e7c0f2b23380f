/** Starts Node for a whole program, and tells the processor time of that process. */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Timing } from './comparison.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** One start of Node, which must end well. */
export function start(words: readonly string[]): Timing {
  const { NODE_OPTIONS: _, ...env } = process.env;
  // `times` prints the shell's own time, then that of what it started.
  const { stdout, status } = spawnSync(
    'sh',
    ['-c', '"$@" > /dev/null && times', 'sh', process.execPath, ...words],
    {
      cwd: root,
      env,
      encoding: 'utf8',
    },
  );
  const [, user_m, user_s, system_m, system_s] =
    /\n(\d+)m([\d.]+)s (\d+)m([\d.]+)s/.exec(stdout) ?? [];
  if (status !== 0 || system_s === undefined)
    throw new Error(`${words.join(' ')} ended with ${status}`);
  const seconds = 60 * (Number(user_m) + Number(system_m)) + Number(user_s) + Number(system_s);
  return { operations: 1, cpu_ns: seconds * 1e9 };
}
