/** What the memory model needs of a function: its layout, and invocation after invocation. */

import type { Invocation } from '../memory/invocation.ts';
import type { Layout } from '../memory/layout.ts';
import { workloadConstants } from './constants.ts';

/** Latency of the memory that times of functions were measured over, and so contain. */
export const reference_latency_ns = workloadConstants.reference_latency_ns.default;

export interface FunctionModel {
  readonly layout: Layout;
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
