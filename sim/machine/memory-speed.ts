/** Compiles and runs memory-speed.c, which measures the memory of one NUMA node. */

import { execFile, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { InputError } from '../input/input-error.ts';
import { type Summary, summaryOf } from '../results/summarize.ts';

const source = fileURLToPath(new URL('./memory-speed.c', import.meta.url));
const run = promisify(execFile);

export type Kind = 'latency' | 'read' | 'write';

export interface Request {
  readonly kind: Kind;
  /** `undefined` leaves the choice of memory to the kernel. */
  readonly node: number | undefined;
  readonly bytes: number;
  readonly samples: number;
  /** Processors that measure; one for latency. */
  readonly cpus: readonly number[];
}

/** Nanoseconds a load, or 10^9 bytes a second. */
export interface MemorySpeed extends Summary {
  /** Nodes that the memory came to lie on; none where the kernel does not tell. */
  readonly nodes: readonly number[];
}

/** A compiled program that measures, without a name: nothing of it stays behind, however this process ends. */
export class MemorySpeedProgram {
  readonly #descriptor: number;

  static async compiled(): Promise<MemorySpeedProgram> {
    const folder = mkdtempSync(join(tmpdir(), 'cxlsim-'));
    const path = join(folder, 'memory-speed');
    const compiler = process.env['CC'] ?? 'cc';
    try {
      await run(compiler, ['-std=gnu11', '-O2', '-pthread', '-o', path, source]);
      return new MemorySpeedProgram(openSync(path, 'r'));
    } catch (error) {
      const { code, stderr = '' } = error as { code?: string | number; stderr?: string };
      if (code === 'ENOENT') {
        throw new InputError(
          compiler,
          'there is no such compiler',
          'apt-get install gcc libc6-dev',
        );
      }
      const why = stderr.split('\n').find((line) => line.includes('error')) ?? `exit code ${code}`;
      throw new InputError(
        compiler,
        `cannot compile memory-speed.c: ${why}`,
        'apt-get install gcc libc6-dev',
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  private constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  async measure({ kind, node, bytes, samples, cpus }: Request): Promise<MemorySpeed> {
    const words = [kind, String(node ?? -1), String(bytes), String(samples), ...cpus.map(String)];
    try {
      return readAnswer(await this.#run(words));
    } catch (error) {
      const why = (error as Error).message.trim().split('\n').at(-1);
      const where = node === undefined ? 'memory' : `NUMA node ${node}`;
      throw new InputError(
        where,
        `cannot be measured: ${why}`,
        'cxlsim doctor tells of nodes and memory',
      );
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  /** Resolves to what it prints; rejects with what it complains of. */
  #run(words: readonly string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      const child = spawn('/proc/self/fd/3', words, {
        argv0: 'memory-speed',
        stdio: ['ignore', 'pipe', 'pipe', this.#descriptor],
      });
      let [said, complaint] = ['', ''];
      child.stdout!.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
      child.stderr!.setEncoding('utf8').on('data', (text: string) => {
        complaint += text;
      });
      child.on('error', reject);
      child.on('close', (code, signal) => {
        if (code === 0) resolve(said);
        else reject(new Error(complaint || `ended with ${signal ?? code}`));
      });
    });
  }
}

export function readAnswer(text: string): MemorySpeed {
  const lines = text.trim().split('\n');
  const nodes = lines[0]!.startsWith('nodes') ? lines.shift()!.split(' ').slice(1).map(Number) : [];
  return { nodes, ...summaryOf(lines.map(Number)) };
}
