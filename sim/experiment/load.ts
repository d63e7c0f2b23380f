/**
 * Loads an experiment: from the YAML file and the command line to what `expand` multiplies out.
 *
 *     1 file ─► document (values with their lines)
 *     2 short forms, command-line options and files ─► into the document, in one form
 *     3 policies named there ─► imported: their parameters are settings, too
 *     4 document ─► schema of all settings ─► ExperimentFile
 *     5 names ─► mechanisms, backends, workloads, fabric presets, figures
 *     6 what constrains one another ─► checked together
 *
 * What is wrong in 3, 4 and 5 is told at once, and so is what is wrong in 6.
 */

import { basename } from 'node:path';
import { one_child, type ParameterSettings, type Scalar } from '../backend.ts';
import { readText } from '../files/read-text.ts';
import { parseDocument, type YamlDocument } from '../input/document.ts';
import { InputError } from '../input/input-error.ts';
import { Refusals } from '../input/refusals.ts';
import { mechanisms } from '../mechanisms/registry.ts';
import { kernelParameters } from '../memory/kernel-costs.ts';
import { valuesOf } from '../parameters.ts';
import type { Workload } from '../workload/workload.ts';
import { checkPolicy } from './check-policy.ts';
import { conform } from './complaints.ts';
import { checkTogether } from './consistency.ts';
import type { Experiment } from './experiment.ts';
import { type ExperimentFile, experimentFileSchema, preset_path } from './experiment-file.ts';
import { type FigureReference, findFigure, isFigureFile, shippedFigure } from './figure-file.ts';
import { findFabric, placedFabric } from './find-fabric.ts';
import { findName } from './find-name.ts';
import { type FoundPolicy, findParameters, findPolicies } from './find-policies.ts';
import { findWorkload } from './find-workload.ts';
import { of_tests, offered } from './installed.ts';
import { mayBeFile, normalise } from './normalise.ts';
import type { Overrides } from './overrides.ts';
import { settingsOf } from './settings.ts';

const kind = 'an experiment file';
const most_bytes = 2 ** 20;

export async function loadExperiment(file: string, overrides: Overrides = {}): Promise<Experiment> {
  const document = parseDocument(file, readText(file, { kind, most_bytes }), kind);
  normalise(document, overrides);

  const refusals = new Refusals(document.file);
  const policies = await findPolicies(document, refusals);
  const settings = settingsOf(await findParameters(document, policies));
  const conforming = refusals.attempt(() =>
    conform(experimentFileSchema(settings, offered), document, settings),
  );
  checkNames(document, refusals);
  if (conforming === undefined) refusals.end();
  // The keys below fabric, parameters, sweep and ranges are known only now, so not to the compiler.
  const content = conforming as unknown as ExperimentFile;

  const parameters = content.parameters as ParameterSettings;
  for (const found of policies) {
    for (const settings of settingsToTry(found, content)) {
      const values = valuesOf(found.policy.parameters ?? {}, settings);
      const { tick_budget_pages } = valuesOf(kernelParameters, parameters['kernel']);
      refusals.attempt(() => checkPolicy(found, values, tick_budget_pages));
    }
  }
  const workloads = content.workloads.map((name, index) =>
    refusals.attempt(() =>
      findWorkload(name, document.where(['workloads', index]), content.workload),
    ),
  );
  const fabricAt = (word: string, ...path: (string | number)[]) =>
    refusals.attempt(() =>
      findFabric(placedFabric(word, document, path), document.where(path), content.fabric),
    );
  const fabric = fabricAt(content.fabric.preset, 'fabric', 'preset');
  const swept = (content.sweep[preset_path] ?? []) as readonly string[];
  const fabrics = swept.map((preset, index) => [
    preset,
    fabricAt(preset, 'sweep', preset_path, index),
  ]);
  const figures = findFigures(content, document, refusals);
  refusals.end();

  // Policies of the file may wait for a mechanism that the command line left out.
  const needless =
    overrides.mechanisms !== undefined &&
    overrides.policies === undefined &&
    content.mechanisms.every((name) => mechanisms[name]?.policies === 'none');

  const experiment: Experiment = {
    name: experimentName(file),
    question: content.question,
    backends: content.backends,
    mechanisms: content.mechanisms,
    policies: needless ? [] : policies.map(({ reference }) => reference),
    workloads: workloads as Workload[],
    fabric: fabric!,
    fabrics: Object.fromEntries(fabrics),
    parameters,
    sweep: sorted(content.sweep).map(([path, values]) => ({ path, values })),
    ranges: sorted(content.ranges).map(([path, [low, high]]) => ({
      path,
      low,
      high,
      whole: settings.get(path)!.draws === 'whole',
    })),
    children: { ...one_child, ...content.children },
    invocations: content.invocations,
    repetitions: content.repetitions,
    seed: content.seed,
    figures,
    file: content,
  };
  checkTogether(experiment, document);
  return experiment;
}

/** What the experiment sets of a policy's parameters, and that with each value that it varies one of them over. */
function settingsToTry(
  { reference: { name } }: FoundPolicy,
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
function checkNames(document: YamlDocument, refusals: Refusals): void {
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

/** Figures by the names that results give them. */
function findFigures(
  { figures: words, sweep, ranges }: ExperimentFile,
  document: YamlDocument,
  refusals: Refusals,
): FigureReference[] {
  const found: FigureReference[] = [];
  const paths = Object.keys({ ...sweep, ...ranges });
  for (const [index, word] of words.entries()) {
    const taken = [...offered.figures, ...found.map(({ name }) => name)];
    const where = document.where(['figures', index]);
    const figure = isFigureFile(word)
      ? refusals.attempt(() => findFigure(word, where, taken, paths))
      : shippedFigure(word);
    if (figure !== undefined) found.push(figure);
  }
  return found;
}

function experimentName(file: string): string {
  const name = basename(file).replace(/\.ya?ml$/, '');
  if (/^\.*$/.test(name)) {
    throw new InputError(file, 'the file has no name', 'a name before .yaml would be right');
  }
  return name;
}

function sorted<T>(mapping: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(mapping).sort(([a], [b]) => (a < b ? -1 : 1));
}
