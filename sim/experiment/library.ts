/** What experiments may name, and where it lies: on this disk, or in a page that has no files. */

import type { DescribedInput, PolicyReference } from '../backend.ts';
import type { FabricSettings } from '../fabric/settings.ts';
import type { Path, YamlDocument } from '../input/document.ts';
import type { Refusals } from '../input/refusals.ts';
import type { KeepAlive } from '../keep-alive.ts';
import type { Parameters, Values } from '../parameters.ts';
import type { Policy } from '../policy.ts';
import type { Routing } from '../routing.ts';
import type { Workload } from '../workload/workload.ts';
import type { ExperimentFile, Nested, Offered } from './experiment-file.ts';
import type { FigureReference } from './figure-file.ts';
import { isFile } from './overrides.ts';

export interface FoundPolicy {
  readonly reference: PolicyReference;
  readonly policy: Policy;
  /** The file as messages name it. */
  readonly shown: string;
}

/** A keep-alive or routing policy, likewise. */
export interface FoundServing<P> {
  readonly reference: PolicyReference;
  readonly policy: P;
  readonly shown: string;
}

/** Who decides over instances and nodes where requests are served. */
export interface Serving {
  readonly keep_alive: readonly FoundServing<KeepAlive>[];
  readonly routing: readonly FoundServing<Routing>[];
}

/** Whatever is named wrongly is an `InputError` with the place that named it. */
export interface Library {
  /** What there is by name, as the schema and messages offer it. */
  readonly offered: Offered;
  /** Backends that can be named, and are not offered. */
  readonly of_tests: readonly string[];
  /** Where a file lies that was typed on the command line. */
  placeTyped(word: string): string;
  /** Puts paths where the document's lists name files, and names where these are shipped ones. */
  placeFiles(document: YamlDocument): void;
  /** Where a fabric's file lies that the document names at `path`; a name stays one. */
  locateFabric(word: string, document: YamlDocument, path: Path): string;
  /** The policies that the document lists, in order. */
  findPolicies(document: YamlDocument, refusals: Refusals): Promise<FoundPolicy[]>;
  /** Those of keep-alive and routing. */
  findServing(document: YamlDocument, refusals: Refusals): Promise<Serving>;
  /** What can be set here, by plug-in. */
  findParameters(
    document: YamlDocument,
    listed: readonly (FoundPolicy | FoundServing<KeepAlive | Routing>)[],
  ): Promise<ReadonlyMap<string, Parameters>>;
  /** Asks a policy what trials may ask it, before the first one. */
  tryPolicy(policy: FoundPolicy, values: Values, tick_budget_pages: number): void;
  tryKeepAlive(policy: FoundServing<KeepAlive>, values: Values): void;
  tryRouting(policy: FoundServing<Routing>, values: Values): void;
  findWorkload(name: string, where: string, fields: Nested): Workload;
  /** Arrivals of a file, and how long they last. */
  findArrivals(name: string, where: string): DescribedInput & { readonly length_s: number };
  findStartTimes(name: string, where: string): DescribedInput;
  /** Where a file lies that the document names at `path`; a name stays one. */
  locateInput(word: string, document: YamlDocument, path: Path): string;
  findFabric(preset: string, where: string, overrides: Nested): FabricSettings;
  findFigures(
    content: ExperimentFile,
    document: YamlDocument,
    refusals: Refusals,
  ): FigureReference[];
}

/** Whether a list of figures means a file by this word. */
export function isFigureFile(word: string): boolean {
  return word.includes('/') || word.endsWith('.vl.json');
}

const lists_of_files: ReadonlySet<string> = new Set([
  'policies',
  'keep_alive',
  'routing',
  'workloads',
]);

/** Whether a word of this list of an experiment may be a file's; what lies there is looked at when it is read. */
export function mayBeFile(list: string, word: string): boolean {
  if (list === 'figures') return isFigureFile(word);
  return lists_of_files.has(list) && isFile(word);
}
