/** Refuses settings that no trial of an experiment reads: they would change nothing, and nobody would be told. */

import type { Reader, Unread } from '../backend.ts';
import { default_backend } from '../backends/registry.ts';
import { unread } from '../backends/unread.ts';
import type { Path, YamlDocument } from '../input/document.ts';
import { InputError } from '../input/input-error.ts';
import { combinations } from './dimensions.ts';
import { servedAt, sweptPoints } from './expand.ts';
import type { Experiment } from './experiment.ts';
import { preset_path } from './experiment-file.ts';
import { type Settable, withSetting } from './with-setting.ts';

/** Settings below these may be unread; whether all workloads are profiles is checked by itself. */
export type Root = 'children' | 'arrivals' | 'fabric' | 'parameters';

export function checkRead(root: Root, experiment: Experiment, document: YamlDocument): void {
  const readers = readersOf(experiment);
  for (const { path, at } of settingsBelow(root, experiment, document)) {
    const reasons = readers.map((reader) => unread(path, reader));
    // A fabric of the file may wait for the simulator, which the command line left out.
    const waits = at[0] === 'fabric' && isTyped(document, 'backends');
    if (waits) reasons.push(unread(path, { ...readers[0]!, backend: default_backend }));
    if (reasons.includes(undefined)) continue;
    const { because, expected } = tellingOf(reasons as Unread[]);
    const right = expected === undefined ? `found ${partsOf(experiment)}` : `expected ${expected}`;
    throw new InputError(document.where(at, 'key'), `${path} changes nothing: ${because}`, right);
  }
}

/** What is set below the root, swept or drawn, and where the experiment says so. */
function settingsBelow(
  root: Root,
  { file, sweep, ranges }: Experiment,
  document: YamlDocument,
): { path: string; at: Path }[] {
  const set = pathsIn(file[root], root)
    .map((path) => ({ path, at: path.split('.') }))
    .filter(({ path }) => path !== preset_path)
    // Parameters that the file sets may wait for a plug-in that the command line left out.
    .filter(
      ({ at }) =>
        root !== 'parameters' || !leavesOut(document) || document.where(at).startsWith('--set'),
    );
  const varied = [
    ...sweep.map(({ path }) => ({ path, at: ['sweep', path] })),
    ...ranges.map(({ path }) => ({ path, at: ['ranges', path] })),
  ].filter(({ path }) => path.startsWith(`${root}.`));
  return [...set, ...varied];
}

/** Paths of the values, of which one may be a list. */
function pathsIn(held: object, prefix: string): string[] {
  return Object.entries(held).flatMap(([key, value]) =>
    typeof value === 'object' && !Array.isArray(value)
      ? pathsIn(value, `${prefix}.${key}`)
      : [`${prefix}.${key}`],
  );
}

/** Whether the command line names plug-ins, and so may leave out what the file has. */
function leavesOut(document: YamlDocument): boolean {
  return ['backends', 'mechanisms', 'policies', 'keep_alive', 'routing'].some((list) =>
    isTyped(document, list),
  );
}

function isTyped(document: YamlDocument, list: string): boolean {
  return document.where([list]).startsWith('--');
}

/** All trials as far as it matters what they read. */
function readersOf(experiment: Experiment): Reader[] {
  const families = familiesOf(experiment);
  return besideFunctions(experiment).flatMap((chosen) =>
    families.map((family) => ({ scenario: experiment.scenario, ...chosen, ...family })),
  );
}

/** What tells trials apart but what they run, which decides nothing of what they read. */
function besideFunctions(experiment: Experiment) {
  const sides = combinations(experiment, 'side');
  return combinations(experiment, 'system', 'surroundings').flatMap((chosen) =>
    sides.map((side) => ({ ...chosen, ...side })),
  );
}

/** The children of all trials, and what requests come from and who serves them. */
function familiesOf(experiment: Experiment): Pick<Reader, 'children' | 'service'>[] {
  const about = ({ path }: { path: string }) =>
    path.startsWith('children.') || decide_what_is_read.has(path);
  const drawn = experiment.ranges.filter(about).map(({ path, low, high, whole }) => ({
    path,
    values: [low, whole ? high - 1 : high],
  }));
  const { children, arrivals, keep_alive, routing } = experiment;
  const told = {
    children,
    arrivals,
    keep_alive: keep_alive[0]?.name,
    routing: routing[0]?.name,
  } as Settable;
  const sweep = [...experiment.sweep.filter(about), ...drawn];
  return sweptPoints({ sweep, combinations: 'all' }).map((point) => {
    const there = Object.entries(point).reduce(
      (settled, [path, value]) => withSetting(settled, path, value),
      told,
    );
    return { children: there.children, ...servedAt(there) };
  });
}

const decide_what_is_read: ReadonlySet<string> = new Set([
  'arrivals.source',
  'keep_alive',
  'routing',
]);

/** How many trials there are at most: a setting multiplies those that read it with some children. */
export function countTrials(experiment: Experiment): number {
  const { scenario, repetitions, sweep, combinations: which } = experiment;
  const combined =
    which === 'all'
      ? (points: number, values: number) => points * values
      : (points: number, values: number) => points + values - 1;
  const families = familiesOf(experiment);
  const points = besideFunctions(experiment).map((chosen) =>
    sweep
      .filter(({ path }) =>
        families.some((family) => !unread(path, { scenario, ...chosen, ...family })),
      )
      .map(({ values }) => values.length)
      .reduce(combined, 1),
  );
  const subjects = combinations(experiment, 'function').length;
  return points.reduce((sum, each) => sum + each, 0) * subjects * repetitions;
}

/** That something would have to be set otherwise says more than that it is of something else. */
function tellingOf(reasons: readonly Unread[]): Unread {
  return reasons.find(({ expected }) => expected !== undefined) ?? reasons[0]!;
}

function partsOf({ mechanisms, policies, keep_alive, routing, backends }: Experiment): string {
  const named = [...policies, ...keep_alive, ...routing].map(({ name }) => name);
  const parts = ['kernel', ...mechanisms, ...named, ...backends];
  return [...new Set(parts)].join(', ');
}
