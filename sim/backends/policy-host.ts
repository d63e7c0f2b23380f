/** A trial's policy as it is asked on a computer that runs files of users: within a limit, with the trial's values. */

import type { Trial } from '../backend.ts';
import { valuesOf } from '../parameters.ts';
import type { Policy } from '../policy.ts';
import type { PolicyHost } from '../scenarios/fork/policy-host.ts';
import { withinLimit } from './stoppable.ts';

export function hostOf(trial: Trial, policy: Policy): PolicyHost {
  const reference = trial.policy!;
  return {
    name: reference.name,
    policy,
    values: valuesOf(policy.parameters ?? {}, trial.parameters[reference.name]),
    ask: (questions) => withinLimit(policy, reference, questions),
  };
}
