/** What the memory model needs of a function: its image, and invocation after invocation. */

import type { Image } from '../memory/image.ts';
import type { Invocation } from '../memory/invocation.ts';
import type { KernelCosts } from '../memory/kernel-costs.ts';
import type { Workload } from '../workload.ts';
import { profileModel } from './profile-model.ts';
import { recordedModel } from './recorded-model.ts';

export interface FunctionModel {
  readonly image: Image;
  /** Time to initialise the function from nothing, without its first invocation. */
  readonly initialisation_ns: number;
  /**
   * What invocation `index` does (0 is the child's first). Later ones differ in input: their
   * touched pages overlap as the workload says. `undefined` where nothing more was recorded.
   */
  invocation(index: number): Invocation | undefined;
}

/** The same workload, seed and fault cost give the same model on any machine. */
export function functionModel(workload: Workload, seed: number, costs: KernelCosts): FunctionModel {
  return workload.kind === 'profile'
    ? profileModel(workload, seed, costs)
    : recordedModel(workload, costs);
}
