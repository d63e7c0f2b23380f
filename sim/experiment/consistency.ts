/** Checks what the parts of an experiment demand of one another, before the first trial. */

import { default_backend, runsKernels } from '../backends/registry.ts';
import type { Path, YamlDocument } from '../input/document.ts';
import { expected } from '../input/expected.ts';
import { InputError } from '../input/input-error.ts';
import { Refusals } from '../input/refusals.ts';
import { allMechanisms } from '../mechanisms/all.ts';
import { cacheMechanisms } from '../mechanisms/kv-cache/registry.ts';
import { scenarioNames, scenarioOf } from '../scenarios/registry.ts';
import type { LlmWorkload } from '../workload/llm/llm-workload.ts';
import { checkNodes, checkStarts } from './check-children.ts';
import { checkProfiles } from './check-profiles.ts';
import type { Experiment } from './experiment.ts';
import { preset_path } from './experiment-file.ts';
import type { Library } from './library.ts';
import { pathOf } from './path-of-setting.ts';
import { checkRead, countTrials } from './unread-settings.ts';

/** Parameters of those who make requests, and the workloads that have some made. */
const makers = {
  agents: {
    makes: (requests: LlmWorkload['requests']) => requests === 'agents',
    what: 'requests of agents',
    right: 'a workload with agents: true',
  },
  rates: {
    makes: (requests: LlmWorkload['requests']) =>
      typeof requests === 'object' && 'steps' in requests,
    what: 'requests at rates',
    right: 'a workload with rates',
  },
} as const;

/** More trials than anybody waits for; the product of a few long lists gets there unnoticed. */
const most_trials = 1_000_000;

export function checkTogether(
  experiment: Experiment,
  document: YamlDocument,
  library: Library,
): void {
  const refusals = new Refusals(document.file);
  for (const check of [
    checkScenario,
    checkServed,
    checkPolicies,
    checkTwins,
    checkServing,
    checkVariedOnce,
    checkCombinations,
    checkPreset,
    childrenAreRead,
    arrivalsAreRead,
    checkWarmUp,
    checkStarts,
    checkNodes,
    parametersAreRead,
    checkFields,
    checkMakers,
  ]) {
    refusals.attempt(() => check(experiment, document, library));
  }
  refusals.end();
  checkRead('fabric', experiment, document);
  checkProfiles(experiment, document);
  checkCount(experiment, document);
}

const childrenAreRead = checkRead.bind(undefined, 'children');
const arrivalsAreRead = checkRead.bind(undefined, 'arrivals');
const parametersAreRead = checkRead.bind(undefined, 'parameters');

/** Kernels fork; what else there is, the model alone runs. */
function checkScenario({ scenario, backends }: Experiment, document: YamlDocument): void {
  if (scenarioOf({ scenario }).on_kernels) return;
  const index = backends.findIndex((name) => runsKernels(name));
  if (index === -1) return;
  throw new InputError(
    document.where(['backends', index]),
    `backend ${backends[index]} cannot run scenario ${scenario}`,
    expected(`a backend that runs the model, as ${default_backend}`),
  );
}

/** Processes are forked, and engines have requests. */
function checkServed(
  { scenario, mechanisms: names, workloads }: Experiment,
  document: YamlDocument,
) {
  const { serves } = scenarioOf({ scenario });
  const servesOf = (is_engine: boolean) => (is_engine ? 'engines' : 'processes');
  const others = scenarioNames.filter((name) => scenarioOf({ scenario: name }).serves !== serves);
  const check = (list: string, what: string, index: number) => {
    if (index === -1) return;
    throw new InputError(
      document.where([list, index]),
      `${what} is of ${servesOf(serves === 'processes')}, and scenario ${scenario} of ${serves}`,
      expected(`another one, or scenario: ${others.join(' or ')}`),
    );
  };
  const mechanism = names.findIndex((name) => servesOf(name in cacheMechanisms) !== serves);
  check('mechanisms', `mechanism ${names[mechanism]}`, mechanism);
  const workload = workloads.findIndex(({ kind }) => servesOf(kind === 'llm') !== serves);
  check('workloads', `workload ${workloads[workload]?.name}`, workload);
}

function checkPolicies(
  { mechanisms: names, policies }: Experiment,
  document: YamlDocument,
  { offered }: Library,
): void {
  if (policies.length > 0) return;
  const index = names.findIndex((name) => allMechanisms[name]!.policies === 'any');
  if (index === -1) return;
  throw new InputError(
    document.where(['mechanisms', index]),
    `mechanism ${names[index]} needs a policy`,
    `list some under policies: ${offered.policies.join(', ')}`,
  );
}

function checkTwins({ workloads }: Experiment, document: YamlDocument): void {
  for (const [index, { name }] of workloads.entries()) {
    if (workloads.findIndex((workload) => workload.name === name) === index) continue;
    throw new InputError(
      document.where(['workloads', index]),
      `a second workload named ${name}`,
      expected('files of different names'),
    );
  }
}

/** Swept by lists of their own. */
const of_lists: ReadonlySet<string> = new Set([preset_path, 'keep_alive', 'routing']);

/** Who serves requests decides nothing where there are none. */
function checkServing(experiment: Experiment, document: YamlDocument): void {
  if (scenarioOf(experiment).serving !== undefined) return;
  for (const key of ['keep_alive', 'routing'] as const) {
    if (experiment[key].length === 0) continue;
    throw new InputError(
      document.where([key], 'key'),
      `${key} changes nothing: scenario ${experiment.scenario} serves no requests`,
      expected('scenario: service with it'),
    );
  }
}

/** Requests after the warm-up are what is measured. */
function checkWarmUp(experiment: Experiment, document: YamlDocument): void {
  const { scenario, arrivals, sweep, ranges } = experiment;
  if (scenarioOf({ scenario }).serving === undefined) return;
  const leastOf = (key: 'duration_s' | 'warm_up_s', pick: typeof Math.min) => {
    const path = `arrivals.${key}`;
    const range = ranges.find((each) => each.path === path);
    if (range !== undefined) return pick(range.low, range.high);
    const values = sweep.find((each) => each.path === path)?.values.map(Number);
    return values === undefined ? arrivals[key] : pick(...values);
  };
  const [shortest, longest] = [leastOf('duration_s', Math.min), leastOf('warm_up_s', Math.max)];
  if (longest < shortest) return;
  const set = experiment.file.arrivals.warm_up_s === undefined ? 'duration_s' : 'warm_up_s';
  throw new InputError(
    document.where(pathOf(`arrivals.${set}`, experiment)),
    `arrivals.warm_up_s is ${longest}, and arrivals.duration_s ${shortest}: no request would be counted`,
    expected('a warm-up that is shorter than the requests last'),
  );
}

/** Of one setting, or of none, there is nothing that others could stay beside. */
function checkCombinations({ combinations, sweep }: Experiment, document: YamlDocument): void {
  if (combinations === 'all') return;
  if (sweep.filter(({ values }) => values.length > 1).length > 1) return;
  throw new InputError(
    document.where(['combinations']),
    `combinations: ${combinations} changes nothing: fewer than two settings have several values`,
    expected('two or more under sweep'),
  );
}

/** All keys through which a path may be given a value. */
function checkVariedOnce({ sweep, ranges, file }: Experiment, document: YamlDocument): void {
  for (const { path } of sweep) {
    if (ranges.some((range) => range.path === path)) {
      throw new InputError(
        document.where(['ranges', path], 'key'),
        `${path} is both swept and drawn from a range`,
        expected('one of the two'),
      );
    }
  }
  const varied = [
    ...sweep.map((of) => ['sweep', of.path]),
    ...ranges.map((of) => ['ranges', of.path]),
  ];
  for (const [key, path] of varied as [string, string][]) {
    if (of_lists.has(path) || !isSet(file, path.split('.'))) continue;
    throw new InputError(
      document.where([key, path], 'key'),
      `${path} is both set and ${key === 'sweep' ? 'swept' : 'drawn from a range'}`,
      expected('one of the two'),
    );
  }
}

function isSet(held: unknown, path: Path): boolean {
  if (path.length === 0) return held !== undefined;
  const [key, ...rest] = path as [string, ...string[]];
  return isSet((held as Record<string, unknown> | undefined)?.[key], rest);
}

function checkPreset(
  { sweep, fabric, file }: Experiment,
  document: YamlDocument,
  library: Library,
): void {
  const swept = sweep.find(({ path }) => path === preset_path);
  if (swept === undefined) return;
  const fabrics = swept.values.map((word, index) =>
    library.locateFabric(String(word), document, ['sweep', preset_path, index]),
  );
  if (fabrics.includes(file.fabric.preset)) return;
  throw new InputError(
    document.where(['fabric', 'preset']),
    `${preset_path} is ${fabric.preset}, which its sweep leaves out`,
    `expected ${swept.values.join(' or ')}`,
  );
}

/** Where a field of profiles is set, swept or drawn, all workloads must be profiles. */
function checkFields({ workloads, sweep, ranges, file }: Experiment, document: YamlDocument): void {
  const other = workloads.find(({ kind }) => kind !== 'profile');
  if (other === undefined) return;
  const paths: Path[] = [
    ...Object.keys(file.workload).map((field) => ['workload', field]),
    ...sweep.map(({ path }) => ['sweep', path]),
    ...ranges.map(({ path }) => ['ranges', path]),
  ];
  for (const at of paths) {
    const path = at[0] === 'workload' ? at.join('.') : String(at[1]);
    if (!path.startsWith('workload.')) continue;
    throw new InputError(
      document.where(at, 'key'),
      `${path} is a field of function profiles, and ${other.name} is a ${other.kind === 'trace' ? 'recorded trace' : 'live function'}`,
      expected('profiles alone, or no such field'),
    );
  }
}

/** Where it is set how requests are made, some workload must have such made. */
function checkMakers({ workloads, sweep, ranges, file }: Experiment, document: YamlDocument): void {
  for (const [plugin, { makes, what, right }] of Object.entries(makers)) {
    if (workloads.some((each) => each.kind === 'llm' && makes(each.requests))) continue;
    const prefix = `parameters.${plugin}.`;
    const varied = [...sweep, ...ranges].find(({ path }) => path.startsWith(prefix));
    const is_set = plugin in file.parameters;
    if (varied === undefined && !is_set) continue;
    const at: Path = is_set ? ['parameters', plugin] : pathOf(varied!.path, { sweep, ranges });
    throw new InputError(
      document.where(at, 'key'),
      `parameters.${plugin} change nothing: no workload has ${what}`,
      expected(right),
    );
  }
}

function checkCount(experiment: Experiment, document: YamlDocument): void {
  const trials = countTrials(experiment);
  if (trials <= most_trials) return;
  throw new InputError(
    document.file,
    `the lists multiply to ${trials} trials`,
    expected(`at most ${most_trials}`),
  );
}
