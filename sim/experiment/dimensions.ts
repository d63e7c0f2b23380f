/**
 * The dimensions of trials: the lists of an experiment whose product they are, settings apart. Columns of results,
 * keys of groups and what figures may ask of them follow from this one list; a dimension is one more line.
 */

import type { Trial } from '../backend.ts';

interface Dimension {
  readonly name: string;
  /** The trial's own, as results name it. */
  of(trial: Trial): string;
  /** Two sets of results are held against each other across it, not within: the simulator against a kernel. */
  readonly is_side?: true;
}

/** In the order of columns. */
export const dimensions = [
  { name: 'backend', of: ({ backend }) => backend, is_side: true },
  { name: 'mechanism', of: ({ mechanism }) => mechanism },
  // `none` for a mechanism without policies.
  { name: 'policy', of: ({ policy }) => policy?.name ?? 'none' },
  { name: 'workload', of: ({ workload }) => workload.name },
] as const satisfies readonly Dimension[];

export type DimensionName = (typeof dimensions)[number]['name'];

export const dimensionNames: readonly DimensionName[] = dimensions.map(({ name }) => name);

/** Where trials and their rows stand in all dimensions. */
export type Coordinates = Readonly<Record<DimensionName, string>>;

export function coordinatesOf(trial: Trial): Coordinates {
  return coordinatesBy((name) => dimensions.find((each) => each.name === name)!.of(trial));
}

/** Coordinates of which `of` tells each dimension. */
export function coordinatesBy(of: (name: DimensionName, index: number) => string): Coordinates {
  return Object.fromEntries(
    dimensionNames.map((name, index) => [name, of(name, index)]),
  ) as Coordinates;
}

/** What makes a child, which tables hold against others. */
const of_system: readonly DimensionName[] = ['mechanism', 'policy'];

/** Dimensions in which neither systems nor what they run differ: where rows are held against one another. */
export const surroundings = dimensionNames.filter(
  (name): name is keyof Surrounded => name !== 'workload' && !of_system.includes(name),
);

export function haveSameSurroundings(a: Surrounded, b: Surrounded): boolean {
  return surroundings.every((name) => a[name] === b[name]);
}

/** Where a row stands that is of all workloads together. */
export type Surrounded = Omit<Coordinates, 'workload'>;

/** Names that the dimensions have there, without those across which sets of results are compared. */
export function besideSides(at: Coordinates): string[] {
  return (dimensions as readonly Dimension[]).flatMap(({ name, is_side }) =>
    is_side ? [] : [at[name as DimensionName]],
  );
}
