/**
 * The dimensions of trials: the lists of an experiment whose product they are, settings apart. Trials, columns of
 * results, keys of groups, gaps, tables and what figures may ask of them follow from this one list.
 */

import type { PolicyReference, Trial } from '../backend.ts';
import { mechanisms as known } from '../mechanisms/registry.ts';
import { scenarioOf } from '../scenarios/registry.ts';
import type { Workload } from '../workload/workload.ts';

/** What an experiment lists, by key. */
export interface Lists {
  readonly scenario: string;
  readonly backends: readonly string[];
  readonly mechanisms: readonly string[];
  readonly policies: readonly PolicyReference[];
  readonly workloads: readonly Workload[];
}

interface Dimension {
  /** The column of results. */
  readonly name: string;
  /** The key in the experiment's file. */
  readonly list: Exclude<keyof Lists, 'scenario'>;
  /** A trial's own, as results name it. */
  of(trial: Trial): string;
  /** What trials can have here, each as a part of a trial that has what stands in the lists before. */
  parts(lists: Lists, before: Partial<Trial>): readonly Partial<Trial>[];
  /**
   * What makes a child, which tables hold against others; what the child runs; across what two sets of results are
   * held against each other, the simulator against a kernel; or in what rows must be equal to be compared.
   */
  readonly tells: 'system' | 'function' | 'side' | 'surroundings';
}

/** In the order of columns. */
export const dimensions = [
  {
    name: 'backend',
    list: 'backends',
    of: ({ backend }) => backend,
    parts: ({ backends }) => backends.map((backend) => ({ backend })),
    tells: 'side',
  },
  {
    name: 'mechanism',
    list: 'mechanisms',
    of: ({ mechanism }) => mechanism,
    parts: ({ mechanisms }) => mechanisms.map((mechanism) => ({ mechanism })),
    tells: 'system',
  },
  {
    name: 'policy',
    list: 'policies',
    // `none` for a mechanism without policies.
    of: ({ policy }) => policy?.name ?? 'none',
    parts: (lists, { mechanism }): { policy: PolicyReference | undefined }[] =>
      runsUnderPolicies(mechanism!, lists)
        ? lists.policies.map((policy) => ({ policy }))
        : [{ policy: undefined }],
    tells: 'system',
  },
  {
    name: 'workload',
    list: 'workloads',
    // Where requests are served, all functions are there together.
    of: ({ workload, service }) =>
      service === undefined ? workload.name : togetherName(service.functions.length),
    parts: ({ scenario, workloads }): { workload: Workload }[] =>
      (scenarioOf({ scenario }).serves ? workloads.slice(0, 1) : workloads).map((workload) => ({
        workload,
      })),
    tells: 'function',
  },
] as const satisfies readonly Dimension[];

const all: readonly Dimension[] = dimensions;

/** What results call the functions of a trial that serves them. */
function togetherName(functions: number): string {
  return functions === 1 ? '1 function' : `${functions} functions`;
}

/**
 * A mechanism that takes no policy runs once without, beside one that takes them; but where policies are asked for and
 * no mechanism takes any, each pair stays, and its backend says why it is skipped.
 */
function runsUnderPolicies(mechanism: string, { mechanisms, policies }: Lists): boolean {
  const takes = (name: string) => known[name]?.policies === 'any';
  return takes(mechanism) || (policies.length > 0 && !mechanisms.some(takes));
}

type Each = (typeof dimensions)[number];
type Intersection<U> = (U extends unknown ? (each: U) => void : never) extends (
  each: infer I,
) => void
  ? I
  : never;
type PartsOf<D> = D extends { parts(...given: never[]): readonly (infer P)[] }
  ? Intersection<P>
  : never;

/** What a trial has in the dimensions that tell one of `T`. */
type Chosen<T> = Intersection<PartsOf<Extract<Each, { readonly tells: T }>>>;
type Tells = Dimension['tells'];

/** The product of the dimensions that tell one of `which`, the first varying slowest. */
export function combinations<T extends Tells>(lists: Lists, ...which: readonly T[]): Chosen<T>[] {
  const varied = all.filter(({ tells }) => which.some((each) => each === tells));
  const trials = varied.reduce<Partial<Trial>[]>(
    (held, { parts }) =>
      held.flatMap((before) => parts(lists, before).map((part) => ({ ...before, ...part }))),
    [{}],
  );
  // Each dimension has put its part in.
  return trials as Chosen<T>[];
}

/** Mechanisms with the policies they run under. */
export function contestants({
  mechanisms,
  policies,
}: Pick<Lists, 'mechanisms' | 'policies'>): Chosen<'system'>[] {
  // These are the lists that a system is told by.
  return combinations({ mechanisms, policies } as Lists, 'system');
}

export type DimensionName = Each['name'];

export const dimensionNames: readonly DimensionName[] = dimensions.map(({ name }) => name);

/** Where trials and their rows stand in all dimensions. */
export type Coordinates = Readonly<Record<DimensionName, string>>;

export function coordinatesOf(trial: Trial): Coordinates {
  return coordinatesBy((name) => all.find((each) => each.name === name)!.of(trial));
}

/** Coordinates of which `of` tells each dimension. */
export function coordinatesBy(of: (name: DimensionName, index: number) => string): Coordinates {
  return Object.fromEntries(
    dimensionNames.map((name, index) => [name, of(name, index)]),
  ) as Coordinates;
}

function namesOf(holds: (dimension: Dimension) => boolean): DimensionName[] {
  return all.filter(holds).map(({ name }) => name as DimensionName);
}

type FunctionName = Extract<Each, { readonly tells: 'function' }>['name'];
type SystemName = Extract<Each, { readonly tells: 'system' }>['name'];

/** What makes a child, which tables hold against others. */
export const of_system = namesOf(({ tells }) => tells === 'system') as SystemName[];

/** Dimensions in which neither systems nor what they run differ: where rows are held against one another. */
export const surroundings = namesOf(
  ({ tells }) => tells !== 'system' && tells !== 'function',
) as Exclude<DimensionName, FunctionName | SystemName>[];

export function haveSameSurroundings(a: Surrounded, b: Surrounded): boolean {
  return surroundings.every((name) => a[name] === b[name]);
}

/** Where a row stands that is of all workloads together. */
export type Surrounded = Omit<Coordinates, FunctionName>;

/** Names that the dimensions have there, without those across which sets of results are compared. */
export function besideSides(at: Coordinates): string[] {
  return namesOf(({ tells }) => tells !== 'side').map((name) => at[name]);
}

/** What a row is of beside its system: the function, and whatever else no side differs in. */
export function subjectOf(at: Omit<Coordinates, SideName>): string[] {
  const names = namesOf(({ tells }) => tells !== 'side' && tells !== 'system');
  return names.map((name) => (at as Coordinates)[name]);
}

type SideName = Extract<Each, { readonly tells: 'side' }>['name'];

/** What a row's system is called, a cell each; nothing where it takes none. */
export function systemOf(at: Pick<Coordinates, SystemName>): string[] {
  return of_system.map((name) => (at[name] === 'none' ? '' : at[name]));
}

/** Names that trials have, by the experiment's lists but those of sides. */
export type NamesByList = Readonly<
  Record<Exclude<Each, { readonly tells: 'side' }>['list'], readonly string[]>
>;

export function namesByList(trials: readonly Trial[]): NamesByList {
  return Object.fromEntries(
    all
      .filter(({ tells }) => tells !== 'side')
      .map(({ list, of }) => [list, [...new Set(trials.map((trial) => of(trial)))]]),
  ) as unknown as NamesByList;
}
