/** A trial's policy as it is asked on a computer that runs files of users: within a limit, with the trial's values. */

import { basename } from 'node:path';
import type { PolicyReference, Trial } from '../backend.ts';
import { fieldOf, isA, thrownLine } from '../input/quoted.ts';
import type { KeepAlive } from '../keep-alive.ts';
import { valuesOf } from '../parameters.ts';
import { PolicyError } from '../placements.ts';
import type { Policy } from '../policy.ts';
import type { Routing } from '../routing.ts';
import type { PolicyHost } from '../scenarios/fork/policy-host.ts';
import type { Hosted, ServiceHosts } from '../scenarios/service/hosts.ts';
import { describedInputs } from './described-inputs.ts';
import { loadPolicy } from './load-policy.ts';
import { positionIn } from './own-policies.ts';
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
    ask: (part) => {
      try {
        return servingWithinLimit([keep_alive, routing], part, wait_ms);
      } catch (error) {
        throw thrownBy([keep_alive, routing], error);
      }
    },
  });
}

/** What was thrown, by the policy that threw it, if it was one: its stack tells, and what is no error is none of ours. */
function thrownBy(references: readonly PolicyReference[], error: unknown): unknown {
  if (isA(error, PolicyError)) return error;
  const is_ours = typeof fieldOf(error, 'stack') === 'string';
  const guilty = references.filter(({ path }) => positionIn(path, error) !== '' || !is_ours);
  if (guilty.length === 0) return error;
  const named = guilty.map(
    ({ name, path }) => `${name} (${basename(path)}${positionIn(path, error)})`,
  );
  return new PolicyError(`policy ${named.join(' or ')} threw: ${thrownLine(error)}`);
}

async function hosted<P extends KeepAlive | Routing>(
  { parameters }: Trial,
  reference: PolicyReference,
): Promise<Hosted<P>> {
  const policy = await loadPolicy<P>(reference);
  const { name } = reference;
  return { name, policy, values: valuesOf(policy.parameters ?? {}, parameters[name]) };
}
