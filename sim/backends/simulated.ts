/** The simulator: the page-level model of a trial, whose policy is loaded here and asked within a limit. */

import { type Backend, default_invocations, type Trial } from '../backend.ts';
import { mechanisms } from '../mechanisms/registry.ts';
import { kernelParameters } from '../memory/kernel-costs.ts';
import type { Measurements } from '../metrics.ts';
import { valuesOf } from '../parameters.ts';
import { policyRefusal } from '../plugins.ts';
import type { Policy } from '../policy.ts';
import { forkRefusal, runFork } from '../scenarios/fork/fork.ts';
import { functionModel } from '../workload/models.ts';
import { loadPolicy } from './load-policy.ts';
import { hostOf } from './policy-host.ts';
import { interruptible } from './stoppable.ts';

export const simulated: Backend = {
  name: 'simulated',
  unsupported(trial) {
    return (
      forkRefusal(trial) ??
      (trial.policy && policyRefusal(mechanisms[trial.mechanism]!)) ??
      invocationsRefusal(trial)
    );
  },
  async run(trial) {
    const policy = trial.policy && (await loadPolicy(trial.policy));
    return interruptible(() => runFork(trial, policy && hostOf(trial, policy)));
  },
  async close() {},
};

/** A recording holds so many invocations and no more; of the default two, what is there is run. */
function invocationsRefusal({
  workload,
  invocations,
  seed,
  parameters,
}: Trial): string | undefined {
  if (invocations <= default_invocations) return undefined;
  const model = functionModel(workload, seed, valuesOf(kernelParameters, parameters['kernel']));
  if (model.invocation(invocations - 1) !== undefined) return undefined;
  let recorded = 0;
  while (model.invocation(recorded) !== undefined) recorded += 1;
  return `the recording of ${workload.name} has ${recorded} of a child's invocations, not ${invocations}; a profile has any number`;
}

/** The metrics of a trial under a policy that is loaded already. */
export function simulate(trial: Trial, policy: Policy | undefined): Measurements {
  return runFork(trial, policy && hostOf(trial, policy)).measurements;
}
