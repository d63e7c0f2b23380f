/** Records live functions on real kernels, before the trials that replay them. */

import type { Backend, BackendContext, ParameterSettings } from '../backend.ts';
import type { LiveFunction, Recording } from '../workload/live-function.ts';
import { backends, on_real_kernels } from './registry.ts';

/** What an experiment says of its backends. */
interface Recordable {
  readonly backends: readonly string[];
  readonly parameters: ParameterSettings;
}

/** The first of the experiment's backends that runs on real kernels. */
export class Recorder {
  readonly possible: boolean;
  readonly #experiment: Recordable;
  readonly #context: BackendContext;
  #backend: Promise<Backend> | undefined;

  constructor(experiment: Recordable, context: BackendContext) {
    this.#experiment = experiment;
    this.#context = context;
    // Only the simulator replays them.
    this.possible = this.#name !== undefined && experiment.backends.includes('simulated');
  }

  async record(live: LiveFunction): Promise<Recording> {
    this.#backend ??= backends[this.#name as keyof typeof backends](this.#context);
    return (await this.#backend).record!(live, this.#experiment.parameters);
  }

  async close(): Promise<void> {
    await (await this.#backend)?.close();
  }

  get #name(): string | undefined {
    return this.#experiment.backends.find((name) => on_real_kernels.includes(name));
  }
}
