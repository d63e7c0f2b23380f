/** Puts one setting's value into the part of a trial that its key path names. */

import type { ArrivalSettings, ChildrenSettings, ParameterSettings, Scalar } from '../backend.ts';
import type { FabricSettings } from '../fabric/settings.ts';
import type { FunctionProfile, Workload } from '../workload/workload.ts';
import type { Nested } from './experiment-file.ts';

/** What key paths lead to. */
export interface Settable {
  readonly fabric: FabricSettings;
  readonly parameters: ParameterSettings;
  readonly children: ChildrenSettings;
  readonly workload: Workload;
  /** Nothing where nothing is served; policies by their names. */
  readonly arrivals?: ArrivalSettings;
  readonly keep_alive?: string | undefined;
  readonly routing?: string | undefined;
}

/** The values below `prefix` by their whole key paths. */
export function flat(held: Nested, prefix: string): [path: string, value: Scalar][] {
  return Object.entries(held).flatMap(([key, value]): [string, Scalar][] =>
    typeof value === 'object' ? flat(value, `${prefix}.${key}`) : [[`${prefix}.${key}`, value]],
  );
}

/** `settable` with `value` at `path`; whether the path exists is checked when loading. */
export function withSetting(settable: Settable, path: string, value: Scalar): Settable {
  const [root, ...rest] = path.split('.') as [keyof Settable, ...string[]];
  if (root === 'keep_alive' || root === 'routing') return { ...settable, [root]: String(value) };
  // Its source is where requests come from, and says of no number who chose it.
  if (root === 'arrivals') {
    return { ...settable, arrivals: { ...settable.arrivals!, [rest[0]!]: value } };
  }
  if (root === 'workload') {
    return { ...settable, workload: withField(settable.workload, rest[0]!, value) };
  }
  return { ...settable, [root]: replaced(settable[root], rest, value) };
}

const by_experiment = 'set by the experiment';

/** `fabric` with `value` at `path`, which begins with `fabric.`; `set` says who did it. */
export function fabricWith(
  fabric: FabricSettings,
  path: string,
  value: Scalar,
  set = by_experiment,
): FabricSettings {
  return replaced(fabric, path.split('.').slice(1), value, set) as FabricSettings;
}

function replaced(
  held: object | undefined,
  path: readonly string[],
  value: Scalar,
  set = by_experiment,
): object {
  const [key, ...rest] = path as [string, ...string[]];
  const before = held as Record<string, object> | undefined;
  if (rest.length > 0) return { ...before, [key]: replaced(before?.[key], rest, value, set) };
  return { ...before, [key]: value, ...(before && sourceWithout(before, key, set)) };
}

/** A memory's source no longer speaks for a number that somebody else chose. */
function sourceWithout(
  before: Record<string, unknown>,
  key: string,
  set: string,
): { source?: string } {
  const { source } = before;
  const note = `; ${key} ${set}`;
  return typeof source !== 'string' || source.includes(note) ? {} : { source: source + note };
}

/** A field that the experiment chose is neither assumed any more nor taken from its source. */
export function withField(workload: Workload, field: string, value: Scalar): Workload {
  if (workload.kind !== 'profile') return workload;
  const { [field]: _, ...assumed } = workload.assumed;
  const sources = { ...workload.sources, [field]: by_experiment };
  const chosen = { ...workload, [field]: value, assumed, sources };
  return field === 'read_write_share' ? withSharesBeside(chosen, Number(value)) : chosen;
}

/** Shares of the footprint add up to 1: the two that are not written give way in proportion. */
function withSharesBeside(profile: FunctionProfile, written: number): FunctionProfile {
  const { init_share, read_only_share, sources } = profile;
  const unwritten = init_share + read_only_share;
  const init = (1 - written) * (unwritten > 0 ? init_share / unwritten : 1);
  const follows = 'follows from read_write_share, which the experiment set';
  return {
    ...profile,
    init_share: init,
    read_only_share: 1 - written - init,
    sources: { ...sources, init_share: follows, read_only_share: follows },
  };
}
