/** The model of each kind of workload, and one model for all trials that can share it. */

import type { Invocation } from '../memory/invocation.ts';
import type { KernelCosts } from '../memory/kernel-costs.ts';
import type { FunctionModel } from './function-model.ts';
import { liveModel } from './live-model.ts';
import { profileModel } from './profile-model.ts';
import { traceModel } from './trace-model.ts';
import type { FunctionWorkload, Workload } from './workload.ts';

/** A kind that is missing here does not compile. */
const models = {
  profile: profileModel,
  live: (workload, _seed, costs) => liveModel(workload, costs),
  trace: traceModel,
} as const satisfies {
  [K in FunctionWorkload['kind']]: (
    workload: Extract<FunctionWorkload, { kind: K }>,
    seed: number,
    costs: KernelCosts,
  ) => FunctionModel;
};

/** Models that trials share, for as long as their workloads are in use; whoever runs the trials holds them. */
export class FunctionModels {
  readonly #made = new WeakMap<Workload, Map<string, FunctionModel>>();

  /**
   * The same workload, seed and costs give the same model on any machine. Trials that compare mechanisms share it,
   * since a model is never changed.
   */
  of(workload: Workload, seed: number, costs: KernelCosts): FunctionModel {
    const key = JSON.stringify([seed, costs]);
    const models = this.#made.get(workload) ?? new Map<string, FunctionModel>();
    this.#made.set(workload, models);
    const model = models.get(key) ?? makeModel(workload, seed, costs);
    models.set(key, model);
    return model;
  }
}

function modelOf(workload: Workload, seed: number, costs: KernelCosts): FunctionModel {
  if (workload.kind === 'llm') throw new Error(`${workload.name} is an engine, not a process`);
  // Each kind's model takes workloads of that kind, which the compiler cannot see through the look-up.
  const model = models[workload.kind] as (...all: [Workload, number, KernelCosts]) => FunctionModel;
  return model(workload, seed, costs);
}

function makeModel(workload: Workload, seed: number, costs: KernelCosts): FunctionModel {
  const model = modelOf(workload, seed, costs);
  const drawn = new Map<number, Invocation | undefined>();
  return {
    ...model,
    invocation(index) {
      if (!drawn.has(index)) drawn.set(index, model.invocation(index));
      return drawn.get(index);
    },
  };
}
