/** The simulator: a trial's scenario is played, its policy loaded here and asked within a limit. */

import { type Backend, default_invocations, type Trial } from '../backend.ts';
import { allMechanisms } from '../mechanisms/all.ts';
import { kernelParameters } from '../memory/kernel-costs.ts';
import { valuesOf } from '../parameters.ts';
import { policyRefusal } from '../plugins.ts';
import { type ScenarioName, scenarios } from '../scenarios/registry.ts';
import type { Stage } from '../scenarios/scenario.ts';
import { FunctionModels } from '../workload/models.ts';
import { loadPolicy } from './load-policy.ts';
import { hostOf, servingHosts } from './policy-host.ts';
import { interruptible, patiently } from './stoppable.ts';

export function open(): Backend {
  const models = new FunctionModels();
  const stages = new Map<string, Stage>();
  const stageOf = ({ scenario }: Trial) => {
    const stage = stages.get(scenario) ?? scenarios[scenario as ScenarioName].stage(models);
    stages.set(scenario, stage);
    return stage;
  };
  return {
    name: 'simulated',
    unsupported(trial) {
      return interruptible(
        () =>
          stageOf(trial).refusal(trial) ??
          (trial.policy && policyRefusal(allMechanisms[trial.mechanism]!)) ??
          invocationsRefusal(trial, models),
      );
    },
    async run(trial) {
      const policy = trial.policy && (await loadPolicy(trial.policy));
      const hosts = trial.service && (await servingHosts(trial));
      const host = policy && hostOf(trial, policy);
      return interruptible(() =>
        patiently((wait_ms) => stageOf(trial).run(trial, host, hosts?.(wait_ms))),
      );
    },
    async close() {},
  };
}

/** A recording holds so many invocations and no more; of the default two, what is there is run. */
function invocationsRefusal(
  { workload, invocations, seed, parameters }: Trial,
  models: FunctionModels,
): string | undefined {
  if (invocations <= default_invocations) return undefined;
  const model = models.of(workload, seed, valuesOf(kernelParameters, parameters['kernel']));
  if (model.invocation(invocations - 1) !== undefined) return undefined;
  let recorded = 0;
  while (model.invocation(recorded) !== undefined) recorded += 1;
  return `the recording of ${workload.name} has ${recorded} of a child's invocations, not ${invocations}; a profile has any number`;
}
