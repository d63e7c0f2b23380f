/** The settings that shown rows were measured under, beside those that the model was fitted under. */

import { isDeepStrictEqual } from 'node:util';
import { default_invocations, one_child, type Scalar } from '../backend.ts';
import type { Experiment } from '../experiment/experiment.ts';
import { preset_path } from '../experiment/experiment-file.ts';
import { presetFabric } from '../experiment/find-fabric.ts';
import { type Settable, withSetting } from '../experiment/with-setting.ts';
import type { FabricSettings, MemorySettings } from '../fabric/settings.ts';
import { modelParameters } from '../plugins.ts';
import type { Group } from '../results/summarize.ts';

/** What a group’s trials ran with, ranges left out: they draw other values in each repetition. */
export function settingsOf(
  experiment: Experiment,
  { swept, workload: name }: Pick<Group, 'swept' | 'workload'>,
): Settable {
  const { fabric, fabrics, parameters, children, workloads } = experiment;
  const preset = swept[preset_path];
  const start: Settable = {
    fabric: preset === undefined ? fabric : (fabrics[preset] ?? fabric),
    parameters,
    children,
    workload: workloads.find((workload) => workload.name === name)!,
  };
  return experiment.sweep.reduce((settings, { path, values }) => {
    const value = values.find((each) => String(each) === swept[path]);
    return value === undefined || path === preset_path
      ? settings
      : withSetting(settings, path, value);
  }, start);
}

/** Whether the group’s rows were measured under the very settings that `fabric` was published with. */
export function isAsFitted(experiment: Experiment, group: Group, fabric: string): boolean {
  const { fabric: own, children } = settingsOf(experiment, group);
  return (
    experiment.ranges.length === 0 &&
    !experiment.sweep.some(({ path }) => path.startsWith('workload.')) &&
    experiment.invocations === default_invocations &&
    children.count === one_child.count &&
    hasDefaultParameters(experiment, group) &&
    isDeepStrictEqual(comparable(own), comparable(presetFabric(fabric)))
  );
}

/** Whether all parameters that the group’s rows read are those of the fit, in each repetition. */
export function hasDefaultParameters(experiment: Experiment, group: Group): boolean {
  const { parameters } = settingsOf(experiment, group);
  return ['kernel', group.mechanism, group.policy].every(
    (plugin) =>
      isDefault(plugin, parameters[plugin] ?? {}) &&
      !experiment.ranges.some(({ path }) => path.startsWith(`parameters.${plugin}.`)),
  );
}

/** A policy’s defaults are not at hand: what is set of it counts as changed. */
function isDefault(plugin: string, set: Readonly<Record<string, Scalar>>): boolean {
  const declared = modelParameters.get(plugin);
  return Object.entries(set).every(([name, value]) => declared?.[name]?.default === value);
}

/** Names and sources decide nothing that is measured. */
function comparable({ preset: _, node, cxl, ...more }: FabricSettings): object {
  const bare = ({ source: _, ...memory }: MemorySettings) => memory;
  return { ...more, node: { ...node, local: bare(node.local) }, cxl: bare(cxl) };
}

/** Memories of a fabric: where they stand in it, and how they are called. */
const memories = [
  ['node.local', 'local'],
  ['cxl', 'CXL'],
] as const;

/** Curves are stretched to these: where they alone differ, they tell of another device. */
const stretched_to = ['latency_ns', 'read_gb_per_s', 'write_gb_per_s'];

/** How a fabric’s numbers are called in a sentence, with their units. */
const names: Readonly<Record<string, readonly [name: string, unit: string]>> = {
  nodes: ['nodes', ''],
  'node.cores': ['cores of a node', ''],
  'node.llc_mb': ['last-level cache', ' MiB'],
  'node.others_memory_share': ['local memory held by others', ''],
  ...memoryNames(...memories[0]),
  ...memoryNames(...memories[1]),
  coherence: ['coherence', ''],
};

function memoryNames(path: string, name: string): Record<string, readonly [string, string]> {
  return {
    [`${path}.latency_ns`]: [`${name} latency`, ' ns'],
    [`${path}.read_gb_per_s`]: [`${name} read bandwidth`, ' GB/s'],
    [`${path}.write_gb_per_s`]: [`${name} write bandwidth`, ' GB/s'],
    [`${path}.duplex`]: [`${name} duplex`, ''],
    [`${path}.capacity_mb`]: [`${name} capacity`, ' MiB'],
  };
}

/** What shown fabrics have otherwise than the one of the fit: `CXL latency 200 and 600 ns (fitted at 391 ns)`. */
export function unlikeFitted(
  experiment: Experiment,
  groups: readonly Group[],
  fabric: string,
): string[] {
  const fitted = presetFabric(fabric);
  const fabrics = [...new Set(groups.map((group) => settingsOf(experiment, group).fabric))];
  const told = Object.entries(names).flatMap(([path, [name, unit]]) => {
    const right = at(fitted, path);
    const range = experiment.ranges.find((each) => each.path === `fabric.${path}`);
    const found = [...new Set(fabrics.map((each) => at(each, path)))];
    const others = found.filter((value) => value !== right).sort(inOrder);
    const ends = range ? `${range.low} to ${range.high}` : others.map(word).join(' and ');
    return ends === '' ? [] : [`${name} ${ends}${unit} (fitted at ${word(right)}${unit})`];
  });
  const curved = memories.filter(([path]) =>
    fabrics.some(
      (each) =>
        stretched_to.every((key) => at(each, `${path}.${key}`) === at(fitted, `${path}.${key}`)) &&
        !isDeepStrictEqual(at(each, `${path}.load_curves`), at(fitted, `${path}.load_curves`)),
    ),
  );
  return [...told, ...curved.map(([, name]) => `other load curves of ${name} memory`)];
}

function at(fabric: FabricSettings, path: string): Scalar | undefined {
  let held: unknown = fabric;
  for (const key of path.split('.')) held = (held as Record<string, unknown>)[key];
  return held as Scalar | undefined;
}

function word(value: Scalar | undefined): string {
  return value === undefined ? 'none' : String(value);
}

function inOrder(a: Scalar | undefined, b: Scalar | undefined): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : word(a) < word(b) ? -1 : 1;
}

/** Numbers of children above the one that the model was fitted on. */
export function numbersOfChildren(experiment: Experiment, groups: readonly Group[]): string[] {
  const range = experiment.ranges.find(({ path }) => path === 'children.count');
  // Draws are whole and below the end.
  if (range !== undefined) return range.high > 2 ? [`${range.low} to ${range.high - 1}`] : [];
  const counts = groups.map((group) => settingsOf(experiment, group).children.count);
  return [...new Set(counts)]
    .filter((count) => count > one_child.count)
    .sort((a, b) => a - b)
    .map(String);
}
