/** Trials of both scenarios, as the simulator plays them. */

import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { ChildrenSettings, Trial } from '../../../sim/backend.ts';
import { hostOf } from '../../../sim/backends/policy-host.ts';
import type { Measurements } from '../../../sim/metrics.ts';
import { type ScenarioName, scenarioNames, scenarios } from '../../../sim/scenarios/registry.ts';
import type { Stage } from '../../../sim/scenarios/scenario.ts';
import { FunctionModels } from '../../../sim/workload/models.ts';
import { readProfile } from '../../../sim/workload/read-profile.ts';
import type { Workload } from '../../../sim/workload/workload.ts';
import { builtInPolicies } from '../../arbitraries.ts';

const models = new FunctionModels();
const stages = Object.fromEntries(
  scenarioNames.map((name) => [name, scenarios[name].stage(models)]),
) as Record<ScenarioName, Stage>;

/** What the trial measures when the scenario plays it. */
export function played(scenario: ScenarioName, trial: Trial): Measurements {
  const host = trial.policy && hostOf(trial, builtInPolicies[trial.policy.name]!);
  return stages[scenario].run({ ...trial, scenario }, host).measurements;
}

const functions = new Map<string, Workload>();

/** A shipped profile; always the same object. */
export function shipped(name: string): Workload {
  let workload = functions.get(name);
  if (workload === undefined) {
    workload = readProfile(parse(readFileSync(`traces/profiles/${name}.yaml`, 'utf8')), name);
    functions.set(name, workload);
  }
  return workload;
}

export function several(count: number, nodes: number, interval_ms = 0): ChildrenSettings {
  return { count, nodes, interval_ms };
}
