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

import { basename, dirname, join, relative, resolve } from 'node:path';
import type { ParameterSettings, PolicyReference } from '../backend.ts';
import { backendParameters } from '../backends/registry.ts';
import { type PresetName, resolvePreset } from '../fabric/presets.ts';
import type { FabricSettings } from '../fabric/settings.ts';
import { type Parameters, valuesOf } from '../parameters.ts';
import { modelParameters } from '../plugins.ts';
import type { Policy } from '../policy.ts';
import type { Workload } from '../workload.ts';
import { conform } from './complaints.ts';
import { checkTogether } from './consistency.ts';
import { type Path, parseDocument, type YamlDocument } from './document.ts';
import type { Experiment } from './experiment.ts';
import {
  type ExperimentFile,
  experimentFileSchema,
  type Nested,
  preset_path,
} from './experiment-file.ts';
import { InputError } from './input-error.ts';
import { installed, offered, project_root } from './installed.ts';
import { proposal } from './nearest.ts';
import { applyOverrides, isFile, type Overrides } from './overrides.ts';
import { flat, placeFabric, withField } from './place-setting.ts';
import { checkAnswers, policyName, readPolicy } from './read-policy.ts';
import { readText } from './read-text.ts';
import { readWorkload } from './read-workload.ts';
import { settingsOf } from './settings.ts';

const kind = 'an experiment file';
const most_bytes = 2 ** 20;

export async function loadExperiment(file: string, overrides: Overrides = {}): Promise<Experiment> {
  const document = parseDocument(file, readText(file, { kind, most_bytes }), kind);
  nestPreset(document);
  applyOverrides(document, overrides);
  nestPreset(document);
  placeFiles(document, 'policies', dirname(file));
  placeFiles(document, 'workloads', dirname(file));

  const policies = await findPolicies(document);
  const settings = settingsOf(await allParameters(document, policies));
  // The keys below fabric, parameters, sweep and ranges are known only now, so not to the compiler.
  const content = conform(
    experimentFileSchema(settings, offered),
    document,
    settings,
  ) as unknown as ExperimentFile;

  const named = (key: 'backends' | 'mechanisms' | 'figures', one: string, from: string) =>
    content[key].forEach((name, index) => {
      check(name, [...offered[key]], document.where([key, index]), one, from);
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
      findWorkload(name, document, ['workloads', index], content.workload),
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

function experimentName(file: string): string {
  const name = basename(file).replace(/\.ya?ml$/, '');
  if (/^\.*$/.test(name)) {
    throw new InputError(file, 'the file has no name', 'a name before .yaml would be right');
  }
  return name;
}

/** Files are meant relative to the experiment's file. */
function placeFiles({ value }: YamlDocument, key: 'policies' | 'workloads', folder: string): void {
  const names = value[key];
  if (!Array.isArray(names)) return;
  value[key] = names.map((name) =>
    typeof name === 'string' && isFile(name) ? resolve(folder, name) : name,
  );
}

interface FoundPolicy {
  readonly reference: PolicyReference;
  readonly policy: Policy;
  /** The file as messages name it. */
  readonly shown: string;
}

/** The policies that the document lists, in order; whether the list is one, the schema says. */
async function findPolicies(document: YamlDocument): Promise<FoundPolicy[]> {
  const found: FoundPolicy[] = [];
  const names = document.value['policies'];
  if (!Array.isArray(names)) return found;
  for (const [index, entry] of names.entries()) {
    if (typeof entry !== 'string') break;
    const where = document.where(['policies', index]);
    const path = isFile(entry) ? entry : installed.policies.get(entry);
    if (path === undefined) {
      throw new InputError(
        where,
        `no policy named ${entry}`,
        proposal(entry, offered.policies, 'policies/'),
      );
    }
    const shown = relative('.', path).startsWith('..') ? path : relative('.', path);
    if (!/\.(ts|js|mjs)$/.test(path)) {
      throw new InputError(
        where,
        `${shown} is no policy file`,
        'a name ending in .ts, .js or .mjs',
      );
    }
    readText(path, { kind: 'a policy file', most_bytes, shown, origin: where });
    const name = policyName(path);
    const twin = found.find(({ reference }) => reference.name === name);
    if (twin !== undefined && twin.reference.path !== path) {
      throw new InputError(
        where,
        `a second policy named ${name}`,
        'files of different names would be right',
      );
    }
    found.push({ reference: { name, path }, policy: await readPolicy(path, shown), shown });
  }
  return found;
}

/** All parameters that can be set here: of the model, the backends, and the policies that are named. */
async function allParameters(
  document: YamlDocument,
  listed: readonly FoundPolicy[],
): Promise<ReadonlyMap<string, Parameters>> {
  const parameters = new Map<string, Parameters>([
    ...modelParameters,
    ...(await backendParameters()),
    ...listed.map(({ reference, policy }): [string, Parameters] => [
      reference.name,
      policy.parameters ?? {},
    ]),
  ]);
  // A file's settings of a policy stand also when the command line lists others.
  for (const name of mentioned(document)) {
    const path = installed.policies.get(name);
    if (path === undefined || parameters.has(name)) continue;
    parameters.set(name, (await readPolicy(path, path)).parameters ?? {});
  }
  return parameters;
}

/** Plug-ins whose parameters the document sets or varies. */
function mentioned({ value }: YamlDocument): string[] {
  const keys = (held: unknown) =>
    typeof held === 'object' && held !== null ? Object.keys(held) : [];
  const varied = [...keys(value['sweep']), ...keys(value['ranges'])];
  return [
    ...keys(value['parameters']),
    ...varied.flatMap((path) => /^parameters\.([^.]+)\./.exec(path)?.[1] ?? []),
  ];
}

function check(name: string, names: string[], where: string, one: string, from: string): void {
  if (names.includes(name)) return;
  throw new InputError(where, `no ${one} named ${name}`, proposal(name, names, from));
}

function findWorkload(name: string, document: YamlDocument, path: Path, fields: Nested): Workload {
  const where = document.where(path);
  if (!isFile(name)) check(name, offered.workloads, where, 'workload', 'traces/');
  const file = installed.workloads.get(name) ?? name;
  const shown = relative('.', file).startsWith('..') ? file : relative('.', file);
  let workload = readWorkload(file, shown, where);
  for (const [field, value] of Object.entries(fields)) {
    workload = withField(workload, field, value as number);
  }
  return workload;
}

const resolved = new Map<PresetName, FabricSettings>();

/** A preset's measured curves are large files: read once, however many sweeps and loads need them. */
function presetFabric(preset: PresetName): FabricSettings {
  let fabric = resolved.get(preset);
  if (fabric === undefined) {
    fabric = resolvePreset(preset, (path) =>
      readText(join(project_root, path), { kind: 'a measured curve', most_bytes: 2 ** 26 }),
    );
    resolved.set(preset, fabric);
  }
  return fabric;
}

function findFabric(preset: string, where: string, overrides: Nested): FabricSettings {
  check(preset, [...offered.presets], where, 'fabric preset', '');
  const fabric = presetFabric(preset as PresetName);
  const { preset: _, ...settings } = overrides;
  return flat(settings, 'fabric').reduce(
    (held, [path, value]) => placeFabric(held, path, value),
    fabric,
  );
}

function sorted<T>(mapping: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(mapping).sort(([a], [b]) => (a < b ? -1 : 1));
}
