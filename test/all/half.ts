/** One half of all tests: a command in a process of its own, whose last line counts. */

import { spawn } from 'node:child_process';
import { type Count, lastCount } from '../fresh-machine/count.ts';

/** Runs a shell command and hands each piece of its output on; resolves to its exit code and all it wrote. */
export function runCommand(
  command: string,
  show: (text: string) => void,
): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, { shell: true, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        show(text);
      });
    }
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/** What tests counted; ones that end without a count, or by failing though none of them did, have one failure more. */
export function countOfTests(code: number, output: string): Count {
  const told = lastCount(output);
  if (told === undefined) return { passed: 0, failed: 1 };
  return { passed: told.passed, failed: Math.max(told.failed, code === 0 ? 0 : 1) };
}
