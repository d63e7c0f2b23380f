/** A worker thread's side: runs each trial it is sent and answers with the outcome. */

import { parentPort, workerData } from 'node:worker_threads';
import type { BackendContext, ServiceSettings, Trial } from '../backend.ts';
import { OpenBackends } from '../backends/open-backends.ts';
import type { Workload } from '../workload/workload.ts';
import { loadBackends } from './load-backends.ts';
import { TrialRunner } from './trial-runner.ts';

/** Workloads are sent once: recorded traces are large, and many trials share one. */
export interface WorkerData {
  readonly backends: string | undefined;
  readonly context: BackendContext;
  readonly workloads: readonly Workload[];
}

/** A trial on its way to a worker, its workloads by position; or the word to end. */
export type WorkerRequest =
  | {
      readonly trial: Omit<Trial, 'workload' | 'service'> & { readonly workload: number };
      readonly service?: Omit<ServiceSettings, 'functions'> & {
        readonly functions: readonly number[];
      };
    }
  | 'close';

const { backends, context, workloads } = workerData as WorkerData;
const port = parentPort!;
const runner = new TrialRunner(new OpenBackends(context, (await loadBackends(backends)).backends));

port.on('message', async (request: WorkerRequest) => {
  if (request === 'close') {
    await runner.close();
    port.close();
  } else {
    port.postMessage(await runner.run(received(request)));
  }
});

function received({ trial, service }: Exclude<WorkerRequest, 'close'>): Trial {
  const functions = service?.functions.map((position) => workloads[position]!);
  return {
    ...trial,
    workload: workloads[trial.workload]!,
    ...(functions && { service: { ...service!, functions } }),
  };
}
