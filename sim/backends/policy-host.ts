/** A trial's policy as it is asked on a computer that runs files of users: within a limit, with the trial's values. */

import type { PolicyReference, Trial } from '../backend.ts';
import { isA, thrownLine } from '../input/quoted.ts';
import type { KeepAlive } from '../keep-alive.ts';
import { valuesOf } from '../parameters.ts';
import { PolicyError } from '../placements.ts';
import type { Policy } from '../policy.ts';
import type { Routing } from '../routing.ts';
import type { PolicyHost } from '../scenarios/fork/policy-host.ts';
import type { Hosted, ServiceHosts } from '../scenarios/service/hosts.ts';
import { describedInputs } from './described-inputs.ts';
import { loadPolicy } from './load-policy.ts';
import { throwerOf } from './own-policies.ts';
import { servingWithinLimit, withinLimit } from './stoppable.ts';

export function hostOf(trial: Trial, policy: Policy): PolicyHost {
  const reference = trial.policy!;
  return {
    name: reference.name,
    policy,
    values: valuesOf(policy.parameters ?? {}, trial.parameters[reference.name]),
    ask: (questions) => withinLimit(policy, reference, questions),
  };
}

/** Keep-alive and routing of a trial that serves requests, whose parts may take so long by the clock. */
export async function servingHosts(trial: Trial): Promise<(wait_ms: number) => ServiceHosts> {
  const { keep_alive, routing } = trial.service!;
  const hosts = {
    keep_alive: await hosted<KeepAlive>(trial, keep_alive),
    routing: await hosted<Routing>(trial, routing),
    ...describedInputs(trial.service!),
  };
  return (wait_ms) => ({
    ...hosts,
    ask: (part) =>
      blaming([keep_alive, routing], () =>
        servingWithinLimit([keep_alive, routing], part, wait_ms),
      ),
  });
}

/** What a user's file throws in the middle of a trial says whose it is, and where. */
function blaming<R>(references: readonly PolicyReference[], part: () => R): R {
  try {
    return part();
  } catch (error) {
    if (isA(error, PolicyError)) throw error;
    const thrower = throwerOf(references, error);
    if (thrower === undefined) throw error;
    throw new PolicyError(`policy ${thrower} throws: ${thrownLine(error)}; expected answers`);
  }
}

async function hosted<P extends KeepAlive | Routing>(
  { parameters }: Trial,
  reference: PolicyReference,
): Promise<Hosted<P>> {
  const policy = await loadPolicy<P>(reference);
  const { name } = reference;
  return { name, policy, values: valuesOf(policy.parameters ?? {}, parameters[name]) };
}
