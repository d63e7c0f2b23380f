/** All scenarios by name; the first is that of experiments which name none. */

import { cluster } from './cluster/scenario.ts';
import { fork } from './fork/scenario.ts';
import type { Scenario } from './scenario.ts';
import { service } from './service/scenario.ts';

export const scenarios = { fork, cluster, service } as const satisfies Readonly<
  Record<string, Scenario>
>;

export type ScenarioName = keyof typeof scenarios;

export const scenarioNames = Object.keys(scenarios) as ScenarioName[];

export const default_scenario = scenarioNames[0]!;

/** Trials are checked when they are loaded: all name one of these. */
export function scenarioOf({ scenario }: { readonly scenario: string }): Scenario {
  return scenarios[scenario as ScenarioName];
}
