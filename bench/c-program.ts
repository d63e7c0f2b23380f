/** Compiles a C baseline with the machine's compiler into a temporary folder, and runs it. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A compiled program, called with arguments for its standard output; or why there is none. */
export type CProgram =
  | { readonly run: (...args: string[]) => string }
  | { readonly missing: string };

/** `source` is a file in `bench/baselines/`. */
export function compile(source: string): CProgram {
  const folder = mkdtempSync(join(tmpdir(), 'cxlsim-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const program = join(folder, basename(source, '.c'));
  const path = fileURLToPath(new URL(`baselines/${source}`, import.meta.url));
  try {
    execFileSync('cc', ['-O2', '-o', program, path], { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    const { code, stderr } = error as { code?: string; stderr?: Buffer };
    if (code === 'ENOENT') return { missing: 'no C compiler (cc) here' };
    return { missing: `cc refuses ${source}: ${stderr}` };
  }
  return { run: (...args) => execFileSync(program, args, { encoding: 'utf8' }) };
}
