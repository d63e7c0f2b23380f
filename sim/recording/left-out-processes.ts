/**
 * What a function does in processes of its own is not in the trace of one: the commands of a shell's
 * pipeline, a pool's workers. A shim that only starts the function leaves nothing out.
 */

import type { Cut } from './invocation-cut.ts';
import type { RecordedProcess } from './marked-process.ts';

export interface LeftOut {
  readonly programs: readonly string[];
  readonly instructions: number;
}

/** Descendants of the process that it started in invocations; where time cuts, all of them. */
export function leftOut(
  process: RecordedProcess,
  processes: readonly RecordedProcess[],
  cut: Cut,
): LeftOut | undefined {
  const descendants = new Set<number>();
  for (let grown = true; grown; ) {
    grown = false;
    for (const { pid, parent, within } of processes) {
      if (pid === process.pid || descendants.has(pid)) continue;
      const started = parent === process.pid && (within || cut.kind === 'time');
      if (!started && !descendants.has(parent)) continue;
      descendants.add(pid);
      grown = true;
    }
  }
  const others = processes.filter(({ pid }) => descendants.has(pid));
  const instructions = others.reduce((sum, each) => sum + each.instructions, 0);
  if (instructions === 0) return undefined;
  // A shell forks itself first, and then executes the command.
  const programs = new Map(others.map(({ pid, program }) => [pid, program]));
  return { programs: [...programs.values()], instructions };
}
