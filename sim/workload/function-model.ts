/** What the memory model needs of a function: its image, and invocation after invocation. */

import type { Image } from '../memory/image.ts';
import type { Invocation } from '../memory/invocation.ts';
import type { KernelCosts } from '../memory/kernel-costs.ts';
import type { Workload } from '../workload.ts';
import { liveModel } from './live-model.ts';
import { profileModel } from './profile-model.ts';
import { traceModel } from './trace-model.ts';

export interface FunctionModel {
  readonly image: Image;
  /** Time to initialise the function from nothing, without its first invocation. */
  readonly initialisation_ns: number;
  /** False where nothing tells how long the function computes, so that only counts mean anything. */
  readonly timed?: boolean;
  /**
   * What invocation `index` does (0 is the child's first). Later ones differ in input: their
   * touched pages overlap as the workload says. `undefined` where nothing more was recorded.
   */
  invocation(index: number): Invocation | undefined;
}

/** Models of workloads that are still in use, by what else they depend on. */
const made = new WeakMap<Workload, Map<string, FunctionModel>>();

/**
 * The same workload, seed and costs give the same model on any machine. Trials that compare
 * mechanisms share it, since a model is never changed.
 */
export function functionModel(workload: Workload, seed: number, costs: KernelCosts): FunctionModel {
  const key = JSON.stringify([seed, costs]);
  const models = made.get(workload) ?? new Map<string, FunctionModel>();
  made.set(workload, models);
  const model = models.get(key) ?? makeModel(workload, seed, costs);
  models.set(key, model);
  return model;
}

function modelOf(workload: Workload, seed: number, costs: KernelCosts): FunctionModel {
  if (workload.kind === 'profile') return profileModel(workload, seed, costs);
  if (workload.kind === 'live') return liveModel(workload);
  return traceModel(workload, costs);
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
