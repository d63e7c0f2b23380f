/** Where trials run, one at a time each: in this thread, or in a worker thread that may crash. */

import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { policiesOf, type Trial } from '../backend.ts';
import type { OpenBackends } from '../backends/open-backends.ts';
import { strayOf } from '../backends/own-policies.ts';
import type { Workload } from '../workload/workload.ts';
import type { Outcome } from './outcome.ts';
import { reasonOf, TrialRunner } from './trial-runner.ts';
import type { WorkerData, WorkerRequest } from './trial-worker.ts';

export interface TrialExecutor {
  /** Never throws; `undefined` is a trial that Ctrl-C ended. */
  run(trial: Trial): Promise<Outcome | undefined>;
  /** Ends after the running trial. */
  close(): Promise<void>;
  /** Ends now, whatever is running. */
  abandon(): Promise<void>;
}

/** Runs trials in this thread, until the signal is given. */
export function executorHere(backends: OpenBackends, signal?: AbortSignal): TrialExecutor {
  const runner = new TrialRunner(backends, signal);
  return {
    async run(trial) {
      const outcome = await runner.run(trial);
      // Trials may never wait for anything outside: let signals and the progress bar have a turn.
      await setImmediate();
      return outcome;
    },
    close: () => runner.close(),
    abandon: async () => {},
  };
}

/** Runs trials in a worker thread; a crash fails the trial, and the next one gets a new thread. */
export function executorInWorker(data: WorkerData): TrialExecutor {
  let worker: Worker | undefined;
  let settle = (_outcome: Outcome) => {};
  /** Files of the policies whose trials ran here. */
  const policies = new Set<string>();

  const start = () => {
    // `execArgv: []`: the entry makes loadable what it needs, whatever way this process was started.
    const started = new Worker(new URL('./trial-worker.mjs', import.meta.url), {
      workerData: data,
      execArgv: [],
      stdout: true,
    });
    // What a policy prints must not mix with the program's own output. (A pipe for each worker would
    // make Node warn of too many listeners.)
    started.stdout.on('data', (text) => process.stderr.write(text));
    let why: string | undefined;
    started.on('message', (outcome: Outcome) => settle(outcome));
    started.on('error', (error) => {
      const stray = strayOf(error, policies);
      why = stray ? `${stray.place} ${stray.what}` : reasonOf(error);
    });
    started.on('exit', (code) => {
      worker = undefined;
      const reason = `the worker thread crashed: ${why ?? `exit code ${code}`}`;
      settle({ status: 'failed', reason });
    });
    return started;
  };

  return {
    run(trial) {
      worker ??= start();
      for (const { path } of policiesOf(trial)) policies.add(path);
      const { service, ...rest } = trial;
      const positionOf = (workload: Workload) => data.workloads.indexOf(workload);
      const functions = service?.functions.map(positionOf);
      worker.postMessage({
        trial: { ...rest, workload: positionOf(trial.workload) },
        ...(functions && { service: { ...service!, functions } }),
      } satisfies WorkerRequest);
      return new Promise((resolve) => {
        settle = resolve;
      });
    },
    async close() {
      if (worker === undefined) return;
      const exited = once(worker, 'exit');
      worker.postMessage('close' satisfies WorkerRequest);
      await exited;
    },
    async abandon() {
      await worker?.terminate();
    },
  };
}
