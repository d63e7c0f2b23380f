/** The simulator as tests run it: trials share the models of their functions, and may bring their policy. */

import type { Trial } from '../sim/backend.ts';
import { hostOf } from '../sim/backends/policy-host.ts';
import { open } from '../sim/backends/simulated.ts';
import type { Measurements } from '../sim/metrics.ts';
import type { Policy } from '../sim/policy.ts';
import { scenarioOf } from '../sim/scenarios/registry.ts';
import type { Stage } from '../sim/scenarios/scenario.ts';
import { FunctionModels } from '../sim/workload/models.ts';

export const simulated = open();

const models = new FunctionModels();
const stages = new Map<string, Stage>();

function stageOf(trial: Trial): Stage {
  const stage = stages.get(trial.scenario) ?? scenarioOf(trial).stage(models);
  stages.set(trial.scenario, stage);
  return stage;
}

/** The metrics of a trial under a policy that is loaded already. */
export function simulate(trial: Trial, policy: Policy | undefined): Measurements {
  return stageOf(trial).run(trial, policy && hostOf(trial, policy)).measurements;
}
