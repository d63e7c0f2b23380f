/**
 * Loads an experiment: from the YAML file and the command line to what `expand` multiplies out.
 *
 *     1 file ─► document (values with their lines)
 *     2 command-line options ─► into the document
 *     3 policies named there ─► imported: their parameters are settings, too
 *     4 document ─► schema of all settings ─► ExperimentFile
 *     5 names ─► mechanisms, backends, workloads, fabric presets, figures
 *     6 what constrains one another ─► checked together
 */

import { basename, dirname, resolve } from 'node:path';
import type { ParameterSettings } from '../backend.ts';
import { valuesOf } from '../parameters.ts';
import { conform } from './complaints.ts';
import { checkTogether } from './consistency.ts';
import { parseDocument, type YamlDocument } from './document.ts';
import type { Experiment } from './experiment.ts';
import { type ExperimentFile, experimentFileSchema, preset_path } from './experiment-file.ts';
import { findFabric } from './find-fabric.ts';
import { findName } from './find-name.ts';
import { findParameters, findPolicies } from './find-policies.ts';
import { findWorkload } from './find-workload.ts';
import { InputError } from './input-error.ts';
import { installed, offered } from './installed.ts';
import { applyOverrides, isFile, type Overrides } from './overrides.ts';
import { checkAnswers } from './read-policy.ts';
import { readText } from './read-text.ts';
import { settingsOf } from './settings.ts';

const kind = 'an experiment file';
const most_bytes = 2 ** 20;

export async function loadExperiment(file: string, overrides: Overrides = {}): Promise<Experiment> {
  const document = parseDocument(file, readText(file, { kind, most_bytes }), kind);
  nestPreset(document);
  applyOverrides(document, overrides);
  nestPreset(document);
  placeFabricFile(document, dirname(file));
  placeFiles(document, 'policies', dirname(file));
  placeFiles(document, 'workloads', dirname(file));

  const policies = await findPolicies(document);
  const settings = settingsOf(await findParameters(document, policies));
  // The keys below fabric, parameters, sweep and ranges are known only now, so not to the compiler.
  const content = conform(
    experimentFileSchema(settings, offered),
    document,
    settings,
  ) as unknown as ExperimentFile;

  const named = (key: 'backends' | 'mechanisms' | 'figures', one: string, from: string) =>
    content[key].forEach((name, index) => {
      findName(name, offered[key], document.where([key, index]), one, from);
    });
  named('backends', 'backend', '');
  named('mechanisms', 'mechanism', '');
  named('figures', 'figure', 'experiments/figures/');

  const listed = content.policies.map((_, index) => policies[index]!);
  const parameters = content.parameters as ParameterSettings;
  for (const { reference, policy, shown } of listed) {
    const values = valuesOf(policy.parameters ?? {}, parameters[reference.name]);
    checkAnswers(policy, reference, shown, values);
  }

  const swept = (content.sweep[preset_path] ?? []) as readonly string[];
  const experiment: Experiment = {
    name: experimentName(file),
    question: content.question,
    backends: content.backends,
    mechanisms: content.mechanisms,
    policies: listed.map(({ reference }) => reference),
    workloads: content.workloads.map((name, index) =>
      findWorkload(name, document.where(['workloads', index]), content.workload),
    ),
    fabric: findFabric(content.fabric.preset, document.where(['fabric', 'preset']), content.fabric),
    fabrics: Object.fromEntries(
      swept.map((preset, index) => [
        preset,
        findFabric(preset, document.where(['sweep', preset_path, index]), content.fabric),
      ]),
    ),
    parameters,
    sweep: sorted(content.sweep).map(([path, values]) => ({ path, values })),
    ranges: sorted(content.ranges).map(([path, [low, high]]) => ({
      path,
      low,
      high,
      whole: settings.get(path)!.draws === 'whole',
    })),
    repetitions: content.repetitions,
    seed: content.seed,
    figures: content.figures,
    file: content,
  };
  checkTogether(experiment, document);
  return experiment;
}

/** `fabric: name` is short for `fabric: { preset: name }`. */
function nestPreset(document: YamlDocument): void {
  const preset = document.value['fabric'];
  if (typeof preset === 'string') {
    document.set(['fabric', 'preset'], preset, document.where(['fabric']));
  }
}

/** A fabric's file is meant relative to the experiment's; one of `--set`, to the shell's folder. */
function placeFabricFile(document: YamlDocument, folder: string): void {
  const fabric = document.value['fabric'];
  if (typeof fabric !== 'object' || fabric === null || !('preset' in fabric)) return;
  const { preset } = fabric;
  if (typeof preset !== 'string' || !isFile(preset)) return;
  const origin = document.where(['fabric', 'preset']);
  document.set(
    ['fabric', 'preset'],
    resolve(origin.startsWith('--') ? '.' : folder, preset),
    origin,
  );
}

function experimentName(file: string): string {
  const name = basename(file).replace(/\.ya?ml$/, '');
  if (/^\.*$/.test(name)) {
    throw new InputError(file, 'the file has no name', 'a name before .yaml would be right');
  }
  return name;
}

/** Files are meant relative to the experiment's file; shipped ones go by their names. */
function placeFiles({ value }: YamlDocument, key: 'policies' | 'workloads', folder: string): void {
  const names = value[key];
  if (!Array.isArray(names)) return;
  const shipped = new Map([...installed[key]].map(([name, path]) => [path, name]));
  value[key] = names.map((name) => {
    if (typeof name !== 'string' || !isFile(name)) return name;
    const path = resolve(folder, name);
    return shipped.get(path) ?? path;
  });
}

function sorted<T>(mapping: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(mapping).sort(([a], [b]) => (a < b ? -1 : 1));
}
