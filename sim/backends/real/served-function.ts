/**
 * A live function as a process on a node: its program brought there, started, and asked for invocations
 * by signals (traces/live/invocations.py tells the protocol).
 */

import { fileWord, shellWord } from '../../input/shell-word.ts';
import type { LiveFunction, ProgramFile } from '../../workload/live-function.ts';
import type { Cluster, Job, Node } from './node.ts';
import { check } from './rforkctl.ts';

/** Turns a C program into an executable for the nodes. */
export type Compile = (source: ProgramFile) => Promise<Uint8Array>;

/**
 * V8 decides by time and in other threads what it compiles and when it collects garbage, and with several workers
 * which of them takes a task is chance: the command keeps both out.
 */
const interpreters: Readonly<Record<string, string>> = {
  py: 'python3',
  mjs: 'node --predictable --v8-pool-size=1 --hash-seed=1 --random-seed=1',
};

/** What a process that an interpreter runs must not leave to chance. */
const environment = 'PYTHONHASHSEED=0 PYTHONDONTWRITEBYTECODE=1 OPENBLAS_NUM_THREADS=1 LC_ALL=C';

/** Why such a program has no local fork, or `undefined`. */
export function cannotFork({ files }: LiveFunction): string | undefined {
  if (!files[0]!.name.endsWith('.mjs')) return undefined;
  return 'Node.js has no fork(), which would leave its other threads behind';
}

/** Where a function's files lie on the nodes. */
export function folderOf(name: string, scratch: string): string {
  return `${scratch}/${name}`;
}

/** Brings the program to the nodes; resolves to what runs it, under the command `bound` if there is one. */
export async function deploy(
  { name, files }: LiveFunction,
  { scratch, parent, child }: Pick<Cluster, 'scratch' | 'parent' | 'child'>,
  compile: Compile,
  bound = '',
): Promise<string> {
  const folder = folderOf(name, scratch);
  const there = shellWord(folder);
  const [program] = files as [ProgramFile];
  const ending = program.name.split('.').at(-1)!;
  const interpreter = interpreters[ending];
  const binary = interpreter === undefined ? await compile(program) : undefined;
  for (const node of new Set([parent, child])) {
    await check(node, `mkdir -p ${there}`);
    if (interpreter !== undefined) {
      const [named] = interpreter.split(' ');
      await check(node, `command -v ${named} >/dev/null || { echo no ${named} here >&2; exit 1; }`);
    }
    for (const file of files) await node.writeFile(`${folder}/${file.name}`, file.text);
    if (binary !== undefined) {
      await node.writeFile(`${folder}/program`, binary);
      await check(node, `chmod +x ${there}/program`);
    }
  }
  const command =
    interpreter === undefined ? './program' : `${interpreter} ${fileWord(program.name)}`;
  const pool = ending === 'mjs' ? 'UV_THREADPOOL_SIZE=1' : '';
  return `cd ${there} && exec env -i "PATH=$PATH" ${environment} ${pool} ${bound} ${command}`;
}

/** A running process of a function, which waits for signals. */
export interface Served {
  readonly node: Node;
  readonly pid: number;
  readonly job: Job;
}

export interface Started extends Served {
  /** From the process's start until it is initialised; the kernel tells the start to 10 ms. */
  readonly initialisation_ns: number;
}

export async function start(node: Node, command: string): Promise<Started> {
  const job = node.start(command);
  const [, pid, ready_ns] = await job.output(/^ready (\d+) (\d+)$/m).catch((error) => {
    const said = job.stderr.trim().split('\n').at(-1);
    throw said ? new Error(`${node.node}: the function did not start: ${said}`) : error;
  });
  const stat = await check(node, `cat /proc/${pid}/stat`);
  const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
  await asleep(node, Number(pid));
  return { node, job, pid: Number(pid), initialisation_ns: Number(ready_ns) - ticks * 1e7 };
}

/**
 * Lets the process run one invocation, its `nth` since it or an ancestor started; resolves to the duration once it
 * waits again. It counts in its own memory: another number is what another process has written.
 */
export async function invoke({ node, pid, job }: Served, nth: number): Promise<number> {
  const answer = answerAfterNow(job, 'done (\\d+) (\\d+) (\\d+)');
  await check(node, `kill -USR1 ${pid}`);
  const [, count, begin_ns, end_ns] = await answer;
  if (Number(count) !== nth) {
    throw new Error(`${node.node}: process ${pid} counts ${count} invocations, expected ${nth}`);
  }
  await asleep(node, pid);
  return Number(end_ns) - Number(begin_ns);
}

/** Lets the process fork; the child serves, too, on the same output. */
export async function forkOf(parent: Served): Promise<Served & { fork_ns: number }> {
  const { node, job } = parent;
  const answer = answerAfterNow(job, 'forked (\\d+) (\\d+) (\\d+)');
  await check(node, `kill -USR2 ${parent.pid}`);
  const [, pid, begin_ns, end_ns] = await answer;
  await asleep(node, Number(pid));
  return { node, job, pid: Number(pid), fork_ns: Number(end_ns) - Number(begin_ns) };
}

export async function end({ node, pid }: Served): Promise<void> {
  await node.exec(
    `kill -TERM ${pid}; for i in $(seq 1200); do [ -d /proc/${pid} ] || exit 0; sleep 0.05; done`,
  );
}

/** Matches a line that is not there yet: processes of one output may say the same more than once. */
function answerAfterNow(job: Job, line: string): Promise<RegExpExecArray> {
  const answer = job.output(new RegExp(`(?<![^])[^]{${job.stdout.length}}[^]*?^${line}`, 'm'));
  answer.catch(() => undefined);
  return answer;
}

/** Until the process has written its line and waits for the next signal, it may touch more pages. */
async function asleep(node: Node, pid: number): Promise<void> {
  const main = `grep -q '^State:.S' /proc/${pid}/status`;
  const others = `! grep -h '^State:' /proc/${pid}/task/*/status | grep -qv '^State:.S'`;
  const sleeps = `${main} && ${others}`;
  await check(node, `for i in $(seq 60000); do ${sleeps} && exit 0; sleep 0.01; done; exit 1`);
}
