/** The simulator as tests run it: trials share the models of their functions, and may bring their policy. */

import type { Trial } from '../sim/backend.ts';
import { hostOf } from '../sim/backends/policy-host.ts';
import { open } from '../sim/backends/simulated.ts';
import type { Measurements } from '../sim/metrics.ts';
import type { Policy } from '../sim/policy.ts';
import { runFork } from '../sim/scenarios/fork/fork.ts';
import { FunctionModels } from '../sim/workload/models.ts';

export const simulated = open();

const models = new FunctionModels();

/** The metrics of a trial under a policy that is loaded already. */
export function simulate(trial: Trial, policy: Policy | undefined): Measurements {
  return runFork(trial, policy && hostOf(trial, policy), models).measurements;
}
