/**
 * Reads an experiment: from a YAML document and the command line to what `expand` multiplies out.
 *
 *     1 text ─► document (values with their lines)
 *     2 command-line options ─► into the document
 *     3 policies named there ─► imported: their parameters are settings, too
 *     4 document ─► schema of all settings ─► ExperimentFile
 *     5 names ─► mechanisms, backends, workloads, fabric presets, figures
 *     6 what constrains one another ─► checked together
 *
 * Where policies, functions, fabrics and figures lie, a library knows: on a disk, or in a page.
 * What is wrong in 3, 4 and 5 is told at once, and so is what is wrong in 6.
 */

import {
  type ChildrenSettings,
  default_arrivals,
  one_child,
  type ParameterSettings,
  type Scalar,
} from '../backend.ts';
import type { YamlDocument } from '../input/document.ts';
import { expected } from '../input/expected.ts';
import { InputError } from '../input/input-error.ts';
import { Refusals } from '../input/refusals.ts';
import { allMechanisms } from '../mechanisms/all.ts';
import { kernelParameters } from '../memory/kernel-costs.ts';
import { valuesOf } from '../parameters.ts';
import { scenarioOf, scenarios } from '../scenarios/registry.ts';
import type { Workload } from '../workload/workload.ts';
import { conform } from './complaints.ts';
import { checkTogether } from './consistency.ts';
import type { Experiment } from './experiment.ts';
import { type ExperimentFile, experimentFileSchema, preset_path } from './experiment-file.ts';
import { findInputs } from './find-inputs.ts';
import { findName } from './find-name.ts';
import { type FoundPolicy, type Library, mayBeFile, type Serving } from './library.ts';
import { applyOverrides, type Overrides } from './overrides.ts';
import { settingsOf } from './settings.ts';
import { nestShortForms } from './short-forms.ts';

/** Changes the document: what it says in short is written out, and what `overrides` set is in it. */
export async function readExperiment(
  document: YamlDocument,
  overrides: Overrides,
  library: Library,
): Promise<Experiment> {
  const { offered } = library;
  nestShortForms(document);
  applyOverrides(document, overrides, library.placeTyped);
  library.placeFiles(document);
  nameUsualServing(document);

  const refusals = new Refusals(document.file);
  const policies = await library.findPolicies(document, refusals);
  const serving = await library.findServing(document, refusals);
  const all = [...policies, ...serving.keep_alive, ...serving.routing];
  const settings = settingsOf(await library.findParameters(document, all));
  const conforming = refusals.attempt(() =>
    conform(experimentFileSchema(settings, offered), document, settings),
  );
  checkNames(document, library, refusals);
  if (conforming === undefined) refusals.end();
  // The keys below fabric, parameters, sweep and ranges are known only now, so not to the compiler.
  const content = conforming as unknown as ExperimentFile;

  const parameters = content.parameters as ParameterSettings;
  for (const found of policies) {
    for (const settings of settingsToTry(found, content)) {
      const values = valuesOf(found.policy.parameters ?? {}, settings);
      const { tick_budget_pages } = valuesOf(kernelParameters, parameters['kernel']);
      refusals.attempt(() => library.tryPolicy(found, values, tick_budget_pages));
    }
  }
  for (const found of serving.keep_alive) {
    for (const settings of settingsToTry(found, content)) {
      const values = valuesOf(found.policy.parameters ?? {}, settings);
      refusals.attempt(() => library.tryKeepAlive(found, values));
    }
  }
  for (const found of serving.routing) {
    for (const settings of settingsToTry(found, content)) {
      const values = valuesOf(found.policy.parameters ?? {}, settings);
      refusals.attempt(() => library.tryRouting(found, values));
    }
  }
  const workloads = content.workloads.map((name, index) =>
    refusals.attempt(() =>
      library.findWorkload(name, document.where(['workloads', index]), content.workload),
    ),
  );
  const fabricAt = (word: string, ...path: (string | number)[]) =>
    refusals.attempt(() =>
      library.findFabric(
        library.locateFabric(word, document, path),
        document.where(path),
        content.fabric,
      ),
    );
  const fabric = fabricAt(content.fabric.preset, 'fabric', 'preset');
  const swept = (content.sweep[preset_path] ?? []) as readonly string[];
  const fabrics = swept.map((preset, index) => [
    preset,
    fabricAt(preset, 'sweep', preset_path, index),
  ]);
  const inputs = findInputs(content, document, library, refusals);
  const figures = library.findFigures(content, document, refusals);
  refusals.end();

  // Policies of the file may wait for a mechanism that the command line left out.
  const needless =
    overrides.mechanisms !== undefined &&
    overrides.policies === undefined &&
    content.mechanisms.every((name) => allMechanisms[name]?.policies === 'none');

  const experiment: Experiment = {
    name: experimentName(document.file),
    question: content.question,
    scenario: content.scenario,
    backends: content.backends,
    mechanisms: content.mechanisms,
    policies: needless ? [] : policies.map(({ reference }) => reference),
    workloads: workloads as Workload[],
    fabric: fabric!,
    fabrics: Object.fromEntries(fabrics),
    parameters,
    sweep: sorted(withServing(content.sweep, serving)).map(([path, values]) => ({ path, values })),
    combinations: content.combinations,
    ranges: sorted(content.ranges).map(([path, [low, high]]) => ({
      path,
      low,
      high,
      whole: settings.get(path)!.draws === 'whole',
    })),
    children: childrenOf(content.children),
    arrivals: { ...default_arrivals, ...content.arrivals },
    ...inputs,
    keep_alive: serving.keep_alive.map(({ reference }) => reference),
    routing: serving.routing.map(({ reference }) => reference),
    invocations: content.invocations,
    repetitions: content.repetitions,
    seed: content.seed,
    figures,
    file: content,
  };
  checkTogether(experiment, document, library);
  return experiment;
}

/** As many as there are times, where these are told one by one. */
function childrenOf(told: ExperimentFile['children']): ChildrenSettings {
  const { starts_ms } = told;
  return { ...one_child, ...(starts_ms && { count: starts_ms.length }), ...told };
}

/** A scenario that serves has policies for it; where the document names none, the usual ones. */
function nameUsualServing(document: YamlDocument): void {
  const { scenario } = document.value;
  if (typeof scenario !== 'string' || !Object.hasOwn(scenarios, scenario)) return;
  const { serving } = scenarioOf({ scenario });
  for (const key of ['keep_alive', 'routing'] as const) {
    const named = document.value[key];
    const is_open = named === undefined || (Array.isArray(named) && named.length === 0);
    if (serving !== undefined && is_open) {
      document.set([key], [serving[key]], document.where(['scenario']));
    }
  }
}

/** Several policies of one kind are points, as values of a setting are. */
function withServing(
  sweep: ExperimentFile['sweep'],
  serving: Serving,
): Record<string, readonly Scalar[]> {
  const swept: Record<string, readonly Scalar[]> = { ...sweep };
  for (const key of ['keep_alive', 'routing'] as const) {
    const names = serving[key].map(({ reference: { name } }) => name);
    if (names.length > 1) swept[key] = names;
  }
  return swept;
}

/** What the experiment sets of a policy's parameters, and that with each value that it varies one of them over. */
function settingsToTry(
  { reference: { name } }: Pick<FoundPolicy, 'reference'>,
  { parameters, sweep, ranges }: ExperimentFile,
): Record<string, Scalar>[] {
  const set = (parameters as ParameterSettings)[name] ?? {};
  const prefix = `parameters.${name}.`;
  const varied = Object.entries({ ...sweep, ...ranges }).flatMap(([path, values]) =>
    path.startsWith(prefix)
      ? values.map((value) => ({ ...set, [path.slice(prefix.length)]: value }))
      : [],
  );
  return varied.length > 0 ? varied : [{ ...set }];
}

/** Names of what is installed; whether the lists are lists, the schema says. */
function checkNames(
  document: YamlDocument,
  { offered, of_tests }: Library,
  refusals: Refusals,
): void {
  for (const [key, one, from] of [
    ['backends', 'backend', ''],
    ['mechanisms', 'mechanism', ''],
    ['figures', 'figure', 'experiments/figures/'],
    ['workloads', 'workload', 'traces/'],
  ] as const) {
    const names = document.value[key];
    if (!Array.isArray(names)) continue;
    for (const [index, name] of names.entries()) {
      if (typeof name !== 'string' || name === '' || mayBeFile(key, name)) continue;
      if (key === 'backends' && of_tests.includes(name)) continue;
      const where = document.where([key, index]);
      refusals.attempt(() => findName(name, offered[key], where, one, from));
    }
  }
}

function experimentName(file: string): string {
  const name = file.replace(/^.*\//s, '').replace(/\.ya?ml$/, '');
  if (/^\.*$/.test(name)) {
    throw new InputError(file, 'the file has no name', expected('a name before .yaml'));
  }
  return name;
}

function sorted<T>(mapping: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(mapping).sort(([a], [b]) => (a < b ? -1 : 1));
}
