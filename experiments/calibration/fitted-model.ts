/** The fitted parameters, and what the model gives for the published functions as they change. */

import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { one_child, type ParameterSettings, type Trial } from '../../sim/backend.ts';
import { hostOf } from '../../sim/backends/policy-host.ts';
import { presetFabric } from '../../sim/experiment/find-fabric.ts';
import type { Measurements } from '../../sim/metrics.ts';
import { loadPolicy, modelParameters } from '../../sim/plugins.ts';
import { runFork } from '../../sim/scenarios/fork/fork.ts';
import { FunctionModels } from '../../sim/workload/models.ts';
import { readProfile } from '../../sim/workload/read-profile.ts';
import type { Workload } from '../../sim/workload/workload.ts';
import { fitChanges, type Observation } from './fit.ts';
import { type Phase, phases, published } from './published.ts';

const root = new URL('../../', import.meta.url);
const readText = (path: string) => readFileSync(new URL(path, root), 'utf8');
export const fabric = presetFabric('cxlfork-testbed');
const seed = 1;
const models = new FunctionModels();

/** A parameter by the plug-in that declares it. */
export interface Fitted {
  readonly plugin: string;
  readonly parameter: string;
}

interface Stage {
  readonly mechanism: string;
  readonly phase: Phase;
  readonly fitted: readonly Fitted[];
}

/** Fitted one after the other: each stage keeps what earlier ones found. */
const stages: readonly Stage[] = [
  stage('cxlfork', 'restore_ms', 'cxlfork.global_state_ns', 'kernel.bulk_page_ns'),
  stage('cxlfork', 'execution_ms', 'kernel.stall_share'),
  stage('criu', 'execution_ms', 'criu.file_read_ns'),
  stage('mitosis', 'restore_ms', 'mitosis.resume_fixed_ns'),
  stage('mitosis', 'faults_ms', 'mitosis.faults_fixed_ns'),
  stage('mitosis', 'execution_ms', 'mitosis.disturbance_ns', 'mitosis.execution_fixed_ns'),
];

function stage(mechanism: string, phase: Phase, ...paths: string[]): Stage {
  const fitted = paths.map((path) => {
    const [plugin, parameter] = path.split('.') as [string, string];
    return { plugin, parameter };
  });
  return { mechanism, phase, fitted };
}

export const fitted = stages.flatMap((each) => each.fitted);
export const mechanismNames = ['criu', 'mitosis', 'cxlfork'] as const;
export const functionNames = Object.keys(published.functions);

/** The value that the model has for a fitted parameter. */
export function presentValue({ plugin, parameter }: Fitted): number {
  const value = modelParameters.get(plugin)?.[parameter]?.default;
  if (typeof value !== 'number') throw new RangeError(`no number ${plugin}.${parameter}`);
  return value;
}

export function workloadOf(name: string): Workload {
  return readProfile(parse(readText(`traces/profiles/${name}.yaml`)), name);
}

/** One trial on the paper's testbed. */
export async function measure(
  mechanism: string,
  policy_name: string | undefined,
  workload: Workload,
  parameters: ParameterSettings = {},
): Promise<Measurements> {
  const path = new URL(`policies/${policy_name}.ts`, root).pathname;
  const policy = policy_name === undefined ? undefined : { name: policy_name, path };
  const trial: Trial = {
    index: 0,
    experiment: 'calibration',
    scenario: 'fork',
    backend: 'simulated',
    mechanism,
    policy,
    workload,
    repetition: 0,
    swept: {},
    seed,
    children: one_child,
    invocations: 2,
    fabric,
    parameters,
  };
  const asked = policy && hostOf(trial, await loadPolicy(policy));
  return runFork(trial, asked, models).measurements;
}

/** The policy that figure 7 shows for a mechanism. */
export function policyOf(mechanism: string): string | undefined {
  return mechanism === 'cxlfork' ? 'migrate-on-write' : undefined;
}

/** A mechanism under a policy. */
export interface System {
  readonly mechanism: string;
  readonly policy?: string;
}

/** Those of figure 7. */
const fittedSystems = mechanismNames.map((mechanism): System => {
  const policy = policyOf(mechanism);
  return policy === undefined ? { mechanism } : { mechanism, policy };
});

/** Times that are published of functions. */
export const timeMetrics = [...phases, 'end_to_end_ms', 'warm_ms'] as const;
export type TimeMetric = (typeof timeMetrics)[number];
export type Times = Readonly<Record<TimeMetric, number>>;

/** Times of each system and function at the present values, and their slopes along each parameter. */
export interface Linearised {
  readonly at: ReadonlyMap<string, Times>;
  readonly slopes: ReadonlyMap<string, readonly Times[]>;
}

const key = ({ mechanism, policy = '' }: System, name: string) => `${mechanism} ${policy} ${name}`;

/** Every fitted cost enters the times linearly, so one step along each tells all. */
export async function linearise(systems: readonly System[] = fittedSystems): Promise<Linearised> {
  const at = new Map<string, Times>();
  const slopes = new Map<string, Times[]>();
  for (const system of systems) {
    const { mechanism, policy } = system;
    for (const name of functionNames) {
      const workload = workloadOf(name);
      const run = async (parameters: ParameterSettings) =>
        timesOf(await measure(mechanism, policy, workload, parameters));
      const here = await run({});
      at.set(key(system, name), here);
      const along: Times[] = [];
      for (const { plugin, parameter } of fitted) {
        const touches = plugin === mechanism || plugin === 'kernel';
        const value = presentValue({ plugin, parameter });
        const step = value / 4;
        const there = touches ? await run({ [plugin]: { [parameter]: value + step } }) : here;
        along.push(eachTime((metric) => (there[metric] - here[metric]) / step));
      }
      slopes.set(key(system, name), along);
    }
  }
  return { at, slopes };
}

/** Values of all fitted parameters, fitted on the given functions alone. */
export function fitOn(names: readonly string[], linearised: Linearised): number[] {
  const changes = fitted.map(() => 0);
  for (const { mechanism, phase, fitted: own } of stages) {
    const system = fittedSystems.find((each) => each.mechanism === mechanism)!;
    const indices = own.map((one) => fitted.indexOf(one));
    const observations = names.map(
      (name): Observation => ({
        published: published.functions[name]!.mechanisms[mechanism]![phase],
        modelled: predict(mechanism, name, changes, linearised)[phase],
        slopes: indices.map((index) => linearised.slopes.get(key(system, name))![index]![phase]),
      }),
    );
    for (const [at, change] of fitChanges(observations).entries()) changes[indices[at]!]! += change;
  }
  return fitted.map((one, index) => presentValue(one) + changes[index]!);
}

/** Times of a mechanism as figure 7 shows it, under changed parameters. */
export function predict(
  mechanism: string,
  name: string,
  changes: readonly number[],
  linearised: Linearised,
): Times {
  const system = fittedSystems.find((each) => each.mechanism === mechanism)!;
  return predictFor(system, name, changes, linearised);
}

/** The same of any system that was linearised. */
export function predictFor(
  system: System,
  name: string,
  changes: readonly number[],
  { at, slopes }: Linearised,
): Times {
  const here = at.get(key(system, name))!;
  const along = slopes.get(key(system, name))!;
  return eachTime((metric) =>
    changes.reduce((sum, change, index) => sum + change * along[index]![metric], here[metric]),
  );
}

function timesOf(measurements: Measurements): Times {
  return eachTime((metric) => measurements[metric]!);
}

function eachTime(value: (metric: TimeMetric) => number): Times {
  return Object.fromEntries(timeMetrics.map((metric) => [metric, value(metric)])) as Record<
    TimeMetric,
    number
  >;
}
