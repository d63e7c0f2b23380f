/** Loads an experiment from its file, with what is installed here and what it names on this disk. */

import { dirname, resolve } from 'node:path';
import { readText } from '../files/read-text.ts';
import { parseDocument, type YamlDocument } from '../input/document.ts';
import type { Refusals } from '../input/refusals.ts';
import { checkPolicy } from './check-policy.ts';
import { tryKeepAlive, tryRouting } from './check-serving.ts';
import { findArrivals, findStartTimes } from './described-inputs.ts';
import type { Experiment } from './experiment.ts';
import type { ExperimentFile } from './experiment-file.ts';
import { type FigureReference, findFigure, shippedFigure } from './figure-file.ts';
import { findFabric, locatedFabric } from './find-fabric.ts';
import { findParameters, findPolicies } from './find-policies.ts';
import { findServing } from './find-serving.ts';
import { findWorkload } from './find-workload.ts';
import { installed, of_tests, offered } from './installed.ts';
import { isFigureFile, type Library, mayBeFile } from './library.ts';
import { isFile, type Overrides } from './overrides.ts';
import { readExperiment } from './read-experiment.ts';

const kind = 'an experiment file';
const most_bytes = 2 ** 20;

const disk: Library = {
  offered,
  of_tests,
  placeTyped: (word) => resolve(word),
  placeFiles(document) {
    placeFabricFile(document);
    for (const key of ['policies', 'keep_alive', 'routing', 'workloads', 'figures'] as const) {
      placeFiles(document, key, dirname(document.file));
    }
  },
  locateFabric: locatedFabric,
  locateInput: locatedFabric,
  findPolicies,
  findServing,
  findParameters,
  tryPolicy: checkPolicy,
  tryKeepAlive,
  tryRouting,
  findWorkload,
  findArrivals(name, where) {
    const { input, opened } = findArrivals(name, where);
    return { ...input, length_s: opened.length_s };
  },
  findStartTimes: (name, where) => findStartTimes(name, where).input,
  findFabric,
  findFigures,
};

export async function loadExperiment(file: string, overrides: Overrides = {}): Promise<Experiment> {
  const document = parseDocument(file, readText(file, { kind, most_bytes }), kind);
  return readExperiment(document, overrides, disk);
}

/** An experiment that stands as a mapping in another file. */
export function experimentIn(document: YamlDocument): Promise<Experiment> {
  return readExperiment(document, {}, disk);
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

/** The fabric's file by its path; one that is swept over goes by its word, as results name it. */
function placeFabricFile(document: YamlDocument): void {
  const { fabric } = document.value;
  if (typeof fabric !== 'object' || fabric === null || !('preset' in fabric)) return;
  const { preset } = fabric;
  if (typeof preset !== 'string' || !isFile(preset)) return;
  const path = ['fabric', 'preset'];
  document.set(path, locatedFabric(preset, document, path), document.where(path));
}

/** Files are meant relative to the experiment's file; shipped ones go by their names. */
function placeFiles(
  { value }: YamlDocument,
  key: 'policies' | 'keep_alive' | 'routing' | 'workloads' | 'figures',
  folder: string,
): void {
  const names = value[key];
  if (!Array.isArray(names)) return;
  const shipped = new Map([...installed[key]].map(([name, path]) => [path, name]));
  value[key] = names.map((name) => {
    if (typeof name !== 'string' || !mayBeFile(key, name)) return name;
    const path = resolve(folder, name);
    return shipped.get(path) ?? path;
  });
}
