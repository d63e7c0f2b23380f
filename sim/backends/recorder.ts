/** Records live functions on real kernels, before the trials that replay them. */

import type { ParameterSettings } from '../backend.ts';
import type { LiveFunction, Recording } from '../workload/live-function.ts';
import type { OpenBackends } from './open-backends.ts';
import { runsKernels, runsModel } from './registry.ts';

/** What an experiment says of its backends. */
interface Recordable {
  readonly backends: readonly string[];
  readonly parameters: ParameterSettings;
}

/** The first of the experiment's backends that runs on real kernels. */
export class Recorder {
  readonly possible: boolean;
  readonly #experiment: Recordable;
  readonly #opened: OpenBackends;

  constructor(experiment: Recordable, opened: OpenBackends) {
    this.#experiment = experiment;
    this.#opened = opened;
    // Only the model replays them.
    this.possible = this.#name !== undefined && experiment.backends.some(runsModel);
  }

  async record(live: LiveFunction): Promise<Recording> {
    const backend = await this.#opened.get(this.#name!);
    return backend.record!(live, this.#experiment.parameters);
  }

  /** The trials of the run may have used the machines since. */
  close(): Promise<void> {
    return this.#opened.close();
  }

  get #name(): string | undefined {
    return this.#experiment.backends.find(runsKernels);
  }
}
