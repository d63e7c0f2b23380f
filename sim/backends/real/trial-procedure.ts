/** One trial on real kernels: children made by one mechanism, their invocations, and what they cost. */

import { default_invocations, type Measured, type Trial } from '../../backend.ts';
import { mechanisms as models } from '../../mechanisms/registry.ts';
import { policyRefusal } from '../../plugins.ts';
import { scheduleRefusal } from '../../scenarios/fork/schedule.ts';
import { loadPolicy } from '../load-policy.ts';
import { children, kernelRefusal } from './children.ts';
import type { Cluster } from './node.ts';
import { realMechanisms } from './registry.ts';
import type { WarmFunction } from './warm-function.ts';

/** Why real kernels cannot run the trial, or `undefined`. */
export async function procedureRefuses(trial: Trial): Promise<string | undefined> {
  const { workload, mechanism, policy, invocations } = trial;
  if (workload.kind !== 'live') {
    return `${workload.name} describes a function and is none; a workload of kind live would run`;
  }
  if (!Object.hasOwn(realMechanisms, mechanism))
    return `${mechanism} is not carried out on real kernels`;
  if (invocations > default_invocations) {
    return `more invocations of a child than ${default_invocations} are only simulated`;
  }
  const refused =
    scheduleRefusal(trial) ?? kernelRefusal(trial) ?? realMechanisms[mechanism]!.refuses?.(trial);
  if (refused !== undefined) return refused;
  if (trial.fabric.node.others_memory_share !== undefined) {
    return 'others in memory are only simulated; without fabric.node.others_memory_share it would run';
  }
  if (policy === undefined) return undefined;
  const refusal = policyRefusal(models[mechanism]!);
  if (refusal !== undefined) return refusal;
  const { clairvoyant, tick } = await loadPolicy(policy);
  if (clairvoyant) return `${policy.name} sees the future, which no kernel does`;
  if (tick && trial.children.count > 1) {
    return `${policy.name} looks at A bits, which children of one checkpoint share in its leaves; with one child it would run`;
  }
  return undefined;
}

export async function runProcedure(
  cluster: Cluster,
  warm: WarmFunction,
  trial: Trial,
): Promise<Measured> {
  const live = await realMechanisms[trial.mechanism]!.prepare(cluster, warm, trial);
  return children(cluster, trial, live);
}
