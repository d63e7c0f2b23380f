/** What a page needs to run experiments: their text read and checked, trials made of it, and the table written. */

import hybrid from '../policies/hybrid.ts';
import type { Trial } from '../sim/backend.ts';
import { expand } from '../sim/experiment/expand.ts';
import { findName } from '../sim/experiment/find-name.ts';
import type { Library } from '../sim/experiment/library.ts';
import { readExperiment } from '../sim/experiment/read-experiment.ts';
import { fabricWith, flat, withField } from '../sim/experiment/with-setting.ts';
import type { FabricSettings } from '../sim/fabric/settings.ts';
import { parseDocument } from '../sim/input/document.ts';
import { allMechanisms } from '../sim/mechanisms/all.ts';
import { valuesOf } from '../sim/parameters.ts';
import { modelParameters } from '../sim/plugins.ts';
import type { Policy } from '../sim/policy.ts';
import { measurementsOf, writeMeasurements } from '../sim/results/measurements-csv.ts';
import type { Outcome } from '../sim/results/outcome.ts';
import { scenarioOf } from '../sim/scenarios/registry.ts';
import { FunctionModels } from '../sim/workload/models.ts';
import { readProfile } from '../sim/workload/read-profile.ts';
import type { Workload } from '../sim/workload/workload.ts';

/** Things by name, as a page has them: it has no files. */
export interface Shelf {
  readonly fabrics: Readonly<Record<string, FabricSettings>>;
  readonly profiles: Readonly<Record<string, unknown>>;
}

const policies: Readonly<Record<string, Policy>> = { hybrid };

function libraryOf({ fabrics, profiles }: Shelf): Library {
  return {
    offered: {
      backends: ['simulated'],
      mechanisms: Object.keys(allMechanisms),
      policies: Object.keys(policies),
      keep_alive: [],
      routing: [],
      workloads: Object.keys(profiles),
      presets: Object.keys(fabrics),
      figures: [],
    },
    of_tests: [],
    placeTyped: (word) => word,
    placeFiles() {},
    locateFabric: (word) => word,
    async findPolicies(document, refusals) {
      const names = document.value['policies'] as string[];
      const found = names.map((name, index) =>
        refusals.attempt(() => {
          const where = document.where(['policies', index]);
          findName(name, Object.keys(policies), where, 'policy');
          return { reference: { name, path: name }, policy: policies[name]!, shown: name };
        }),
      );
      return found.filter((each) => each !== undefined);
    },
    findServing: async () => ({ keep_alive: [], routing: [] }),
    async findParameters(_, listed) {
      const own = listed.map(({ reference, policy }) => {
        return [reference.name, policy.parameters ?? {}] as const;
      });
      return new Map([...modelParameters, ...own]);
    },
    tryPolicy() {},
    tryKeepAlive() {},
    tryRouting() {},
    findArrivals: (name, where) => findName(name, [], where, 'arrivals') as never,
    findStartTimes: (name, where) => findName(name, [], where, 'start times') as never,
    locateInput: (word) => word,
    findWorkload(name, where, fields) {
      findName(name, Object.keys(profiles), where, 'workload');
      return Object.entries(fields).reduce<Workload>(
        (held, [field, value]) => withField(held, field, value as number),
        readProfile(profiles[name], name),
      );
    },
    findFabric(preset, where, { preset: _, ...overrides }) {
      findName(preset, Object.keys(fabrics), where, 'fabric preset');
      return flat(overrides, 'fabric').reduce(
        (fabric, [path, value]) => fabricWith(fabric, path, value),
        fabrics[preset]!,
      );
    },
    findFigures: () => [],
  };
}

const functions = new FunctionModels();

function measured(trial: Trial): Outcome {
  const { policy } = trial;
  const stage = scenarioOf(trial).stage(functions);
  if (policy === undefined) return { status: 'done', ...stage.run(trial, undefined) };
  const given = policies[policy.name]!;
  const values = valuesOf(given.parameters ?? {}, trial.parameters[policy.name]);
  const host = {
    name: policy.name,
    policy: given,
    values,
    ask: <R>(ask: (p: Policy) => R) => ask(given),
  };
  return { status: 'done', ...stage.run(trial, host) };
}

/** The table of all that the experiment of this text measures. */
export async function tableOf(file: string, text: string, shelf: Shelf): Promise<string> {
  const document = parseDocument(file, text, 'an experiment file');
  const experiment = await readExperiment(document, {}, libraryOf(shelf));
  const trials = expand(experiment);
  const outcomes = new Map(trials.map((trial) => [trial.index, measured(trial)]));
  const swept = experiment.sweep.map(({ path }) => path);
  return writeMeasurements(measurementsOf(trials, outcomes), swept);
}
