/** Runs the real command as a process of its own. */

import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const bin = fileURLToPath(new URL('../../sim/cli/cxlsim.cjs', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Options {
  readonly cwd: string;
  readonly command?: string;
  /** Called with the running process. */
  readonly meanwhile?: (child: ChildProcess) => void | Promise<void>;
}

export async function cxlsim(words: readonly string[], options: Options): Promise<Ended> {
  const { cwd, command = bin, meanwhile } = options;
  // What mocha was told, and how wide its terminal is, is none of the command's business.
  const { NODE_OPTIONS: _, COLUMNS: __, ...env } = process.env;
  const child = spawn(command, [...words], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const text = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (part) => {
    text.out += part;
  });
  child.stderr.setEncoding('utf8').on('data', (part) => {
    text.err += part;
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  await meanwhile?.(child);
  return { code: await ended, ...text };
}

/** An experiment on the fake backend with 12 trials; `lines` are added. */
export function fakeExperiment(lines = ''): string {
  return `question: How fast is nothing at all?
backends: [fake]
mechanisms: [local-fork, criu, cxlfork]
policies: [hybrid, migrate-on-write]
workloads: [float]
fabric: cxlfork-testbed
repetitions: 3
${lines}`;
}
