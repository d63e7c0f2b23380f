/** Which settings of two sets of results differ, so that nobody takes a change of the question for a change of the answer. */

import type { Provenance } from './read-results.ts';

export interface SettingDifference {
  /** Key path, as `fabric.cxl.latency_ns`; workloads and policies by their names. */
  readonly path: string;
  /** As text; absent where that side has no such setting. */
  readonly a?: string;
  readonly b?: string;
}

/** Parts of a configuration that are told otherwise, or decide no number. */
const told_elsewhere = new Set(['name', 'question', 'figures', 'file']);

/** Words about numbers: where these are equal, nothing differs, and where they are not, they are told. */
const about_numbers = new Set(['source', 'sources', 'description', 'caveat', 'assumed']);

/** In the order of A's settings, then of B's. */
export function settingDifferences(a: Provenance, b: Provenance): SettingDifference[] {
  const [of_a, of_b] = [settingsOf(a), settingsOf(b)];
  return [...new Set([...of_a.keys(), ...of_b.keys()])].flatMap((path) => {
    const [left, right] = [of_a.get(path), of_b.get(path)];
    // What only one side lists is told by the list.
    const of_one = [of_a, of_b].some((side) => isOfOther(path, side));
    if (left === right || of_one) return [];
    return {
      path,
      ...(left !== undefined && { a: left }),
      ...(right !== undefined && { b: right }),
    };
  });
}

function settingsOf({ configuration, fitted_parameters }: Provenance): Map<string, string> {
  const settings = new Map<string, string>();
  for (const [key, value] of Object.entries(configuration)) {
    if (!told_elsewhere.has(key)) collect(value, key, settings);
  }
  // A fitted number may change from one version of the model to the next.
  for (const { name, value } of fitted_parameters) settings.set(name, String(value));
  return settings;
}

/** Whether the path leads into a member of a list that this side does not have. */
function isOfOther(path: string, side: ReadonlyMap<string, string>): boolean {
  const [list, ...rest] = path.split('.');
  const members = side.get(list!);
  if (rest.length === 0 || members === undefined) return false;
  return !members
    .slice(1, -1)
    .split(', ')
    .some((name) => rest.join('.').startsWith(`${name}.`));
}

function collect(value: unknown, path: string, settings: Map<string, string>): void {
  if (Array.isArray(value)) {
    const named = value.every((each) => typeof each?.name === 'string');
    if (value.length > 0 && named) {
      settings.set(path, `[${value.map(({ name }) => name).join(', ')}]`);
      for (const { name, ...rest } of value) collect(rest, `${path}.${name}`, settings);
    } else settings.set(path, words(value));
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, part] of Object.entries(value)) {
      if (!about_numbers.has(key)) collect(part, `${path}.${key}`, settings);
    }
  } else if (value !== undefined) settings.set(path, String(value));
}

/** Lists of plain values in full; measured curves are too long to read, and their text tells them apart. */
function words(value: readonly unknown[]): string {
  return value.every((each) => typeof each !== 'object')
    ? `[${value.join(', ')}]`
    : JSON.stringify(value);
}

/** More lines than that hide the verdicts; the JSON has all. */
const most_told = 12;
const longest = 60;

/** A line for each setting that differs. */
export function differenceLines(differences: readonly SettingDifference[]): string[] {
  if (differences.length === 0) return [];
  const cutText = (text: string | undefined) =>
    text === undefined ? 'absent' : text.length > longest ? `${text.slice(0, longest)}…` : text;
  const lines = differences
    .slice(0, most_told)
    .map(({ path, a, b }) =>
      cutText(a) === cutText(b)
        ? `  ${path}: differs`
        : `  ${path}: A ${cutText(a)}, B ${cutText(b)}`,
    );
  const more = differences.length - lines.length;
  return [
    'Settings that differ between A and B:',
    ...lines,
    ...(more > 0 ? [`  and ${more} more (--json has all)`] : []),
  ];
}

/** One line, for a picture: which settings differ. */
export function differingPaths(differences: readonly SettingDifference[]): string[] {
  if (differences.length === 0) return [];
  const named = differences.slice(0, 4).map(({ path }) => path);
  const more = differences.length - named.length;
  return [`Settings differ: ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`];
}
