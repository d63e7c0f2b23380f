/** The module's tool on a node: its answers as objects, its complaints as one line. */

import type { Cluster, CommandOptions, Job, Node } from './node.ts';

/** Runs a command that must succeed; resolves to its standard output. */
export async function check(
  node: Node,
  command: string,
  options?: CommandOptions,
): Promise<string> {
  const { code, stdout, stderr } = await node.exec(command, options);
  if (code === 0) return stdout;
  throw new Error(`${node.node}: ${wordsOf(command)}: ${complaint(stderr) ?? `exit code ${code}`}`);
}

/** Runs `rforkctl --json` with these words; it must succeed. */
export async function control<Answer>(
  { tools }: Cluster,
  node: Node,
  words: string,
): Promise<Answer> {
  return JSON.parse(await check(node, `${tools}/rforkctl --json ${words}`));
}

export interface CheckpointAnswer {
  readonly checkpoint: number;
  readonly pages: number;
  readonly vmas: number;
  readonly bytes: number;
  readonly duration_ns: number;
}

export interface ScannedPage {
  readonly address: number;
  readonly flags: number;
}

export const scanned = { accessed: 1, dirty: 2, hot: 4, huge: 8, local: 16 } as const;

export interface ChildCounters {
  readonly pages_copied: number;
  readonly leaves_attached: number;
  readonly leaves_built: number;
  readonly leaves_unshared: number;
  readonly faults: number;
  readonly cow_faults: number;
  readonly migration_faults: number;
}

export interface Restored {
  readonly pid: number;
  /** Ends with the child, with its exit code; its output is the child's. */
  readonly job: Job;
  readonly duration_ns: number;
}

/** Restores a checkpoint on a node; resolves once the child runs. */
export async function restore(
  { tools }: Cluster,
  node: Node,
  checkpoint: number,
  words: string,
): Promise<Restored> {
  const job = node.start(
    `exec ${tools}/rforkctl --json restore ${checkpoint} --changed-files ${words}`,
  );
  const ended = job.exited.then((code) => {
    throw new Error(
      `${node.node}: rforkctl restore: ${complaint(job.stderr) ?? `exit code ${code}`}`,
    );
  });
  const [line] = await Promise.race([job.output(/^\{.*\}$/m), ended]);
  ended.catch(() => undefined);
  const { pid, duration_ns } = JSON.parse(line!);
  return { pid, job, duration_ns };
}

/** The last line that a command wrote about its failure. */
function complaint(stderr: string): string | undefined {
  return stderr.trim().split('\n').at(-1) || undefined;
}

/** The command without folders, as a message shows it. */
function wordsOf(command: string): string {
  return command.replaceAll(/\S*\/(?=rforkctl)/g, '').slice(0, 120);
}
