/** Runs trials of which nothing is stored: what they measured stays in memory. */

import { tmpdir } from 'node:os';
import { type Trial, workloadsOf } from '../backend.ts';
import { OpenBackends } from '../backends/open-backends.ts';
import type { Outcome } from './outcome.ts';
import { executorHere, executorInWorker } from './trial-executor.ts';

export interface MemoryOptions {
  /** Trials that run at the same time. */
  readonly jobs: (trials: readonly Trial[]) => number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: { finished: number; total: number }) => void;
}

/** `undefined` if it was interrupted. */
export async function runInMemory(
  trials: readonly Trial[],
  { jobs, signal, onProgress }: MemoryOptions,
): Promise<Map<Trial, Outcome> | undefined> {
  const outcomes = new Map<Trial, Outcome>();
  if (trials.length === 0) return outcomes;
  const context = { directory: tmpdir() };
  const workloads = [...new Set(trials.flatMap(workloadsOf))];
  const count = Math.min(jobs(trials), trials.length);
  const executors =
    count === 1
      ? [executorHere(new OpenBackends(context), signal)]
      : Array.from({ length: count }, () =>
          executorInWorker({ backends: undefined, context, workloads }),
        );
  const queue = trials.values();
  let interrupted = false;
  await Promise.all(
    executors.map(async (executor) => {
      for (const trial of queue) {
        const outcome = signal?.aborted ? undefined : await executor.run(trial);
        if (outcome === undefined) {
          interrupted = true;
          break;
        }
        outcomes.set(trial, outcome);
        onProgress?.({ finished: outcomes.size, total: trials.length });
      }
      await executor.close();
    }),
  );
  return interrupted ? undefined : outcomes;
}
