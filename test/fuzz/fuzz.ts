/**
 * Judges cases in a process of its own and watches it: one that does not come to an end, by the processor
 * time that it took, or that ends the process, is a fault as well; the next ones go on in a new process.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CaseName, filesOf, inputOf, replayOf } from './case.ts';
import { kindOf, kinds } from './kinds/registry.ts';
import type { Message } from './worker.ts';

/** A busy machine makes waiting longer, not work: an input ordinarily takes a tenth of a second of it. */
const most_work_s = 20;
/** Something that waits for what never comes does no work. */
const most_waiting_ms = 600_000;
const look_ms = 500;

export interface Failure {
  readonly of: CaseName;
  readonly fault: string;
  readonly files: Readonly<Record<string, string>>;
}

/** How many inputs of a kind were answered how. */
export interface Tally {
  refused: number;
  accepted: number;
}

export interface Outcome {
  readonly tallies: ReadonlyMap<string, Tally>;
  readonly failures: readonly Failure[];
}

/** The cases from `from` on, of one kind or of all. */
export function casesOf(wanted: {
  readonly kind?: string | undefined;
  readonly seed: number;
  readonly from: number;
  readonly count: number;
}): CaseName[] {
  const { kind, seed, from, count } = wanted;
  return Array.from({ length: count }, (_, index) => {
    const number = from + index;
    return { kind: kind ?? kindOf(number), seed, number };
  });
}

export async function fuzz(
  cases: readonly CaseName[],
  onFailure: (failure: Failure) => void = () => {},
): Promise<Outcome> {
  const failures: Failure[] = [];
  const tallies = new Map<string, Tally>();
  let left = cases;
  while (left.length > 0) {
    const done = await judgeUntilFault(left, (message) => {
      if ('verdict' in message) {
        const tally = tallies.get(message.of.kind) ?? { refused: 0, accepted: 0 };
        tally[message.verdict] += 1;
        tallies.set(message.of.kind, tally);
      }
      if (!('fault' in message)) return;
      failures.push(message);
      onFailure(message);
    });
    left = left.slice(done);
  }
  return { tallies, failures };
}

/** Judges cases until all are or one ends the process; how many were judged. */
function judgeUntilFault(
  cases: readonly CaseName[],
  tell: (message: Message) => void,
): Promise<number> {
  const scratch = mkdtempSync(join(tmpdir(), 'cxlsim-fuzz-'));
  const child = fork(fileURLToPath(new URL('worker.ts', import.meta.url)), {
    execArgv: ['--import', new URL('../../sim/load-typescript.mjs', import.meta.url).href],
    env: { ...process.env, NODE_OPTIONS: '', TMPDIR: scratch },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let said = '';
  child.stderr!.on('data', (part) => {
    said = `${said}${part}`.slice(-2000);
  });
  return new Promise((resolve, reject) => {
    let at = -1;
    let judged = 0;
    let stopped = '';
    const stopwatch = new Stopwatch(child, (why) => {
      stopped = why;
      child.kill('SIGKILL');
    });
    child.on('message', (message: Message) => {
      if ('at' in message) {
        at += 1;
        stopwatch.restart();
      } else {
        if (!('fault' in message) || !message.fault.startsWith('outside')) judged = at + 1;
        tell(message);
      }
    });
    child.send(cases);
    child.once('close', async (code, signal) => {
      stopwatch.end();
      // A process that was killed leaves its files.
      rmSync(scratch, { recursive: true, force: true });
      if (judged === cases.length) return resolve(judged);
      const why = stopped || `the process ended (${code ?? signal}): ${said}`;
      if (at === -1) return reject(new Error(`no case was begun: ${why}`));
      const of = cases[at]!;
      const kind = kinds[of.kind]!;
      tell({ fault: why, of, files: filesOf(inputOf(of, kind, await kind.corpus())) });
      resolve(at + 1);
    });
  });
}

/** Calls `late` for a child that works or waits too long since the last restart. */
class Stopwatch {
  readonly #child: ChildProcess;
  readonly #timer: NodeJS.Timeout;
  #work_s = Number.POSITIVE_INFINITY;
  #began_ms = performance.now();

  constructor(child: ChildProcess, late: (why: string) => void) {
    this.#child = child;
    this.#timer = setInterval(() => {
      const worked_s = workOf_s(this.#child) - this.#work_s;
      if (worked_s > most_work_s) late(`does not end: ${worked_s.toFixed(0)} s of work`);
      else if (performance.now() - this.#began_ms > most_waiting_ms) late('does not end: it waits');
    }, look_ms);
  }

  restart(): void {
    this.#work_s = workOf_s(this.#child);
    this.#began_ms = performance.now();
  }

  end(): void {
    clearInterval(this.#timer);
  }
}

/** Processor time that the process took, in user and in system mode. */
function workOf_s({ pid }: ChildProcess): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks_a_second = 100;
    return (Number(fields[11]) + Number(fields[12])) / ticks_a_second;
  } catch {
    return Number.NaN;
  }
}

/** Keeps a failure's files; what it did, the command that tries it again, and where its files are. */
export function keep({ of, fault, files }: Failure, folder: string): string {
  const path = join(folder, `${of.kind}-${of.seed}-${of.number}`);
  const told = `${fault.slice(0, 2000)}\n  ${replayOf(of)}\n  ${path}\n`;
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'FAULT'), told);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), Buffer.from(content, 'base64'));
  }
  return told;
}
