/**
 * Turns an experiment into its trials: the product of its dimensions, with what is swept and repeated.
 *
 *     mechanisms (x policies) x workloads x swept values x repetitions x backends
 *
 * The first varies slowest. A setting that a trial does not read multiplies nothing: over the values of a policy's
 * parameter there is one trial of every other policy. Everything random in a trial follows from the experiment's
 * seed, the workload's name and the repetition, never from mechanism, policy or swept value: what is compared
 * meets the same random numbers.
 */

import type {
  ArrivalSettings,
  ParameterSettings,
  Reader,
  Scalar,
  ServiceSettings,
  Trial,
} from '../backend.ts';
import { unread } from '../backends/unread.ts';
import { deriveSeed, latinHypercube } from '../random.ts';
import { scenarioOf } from '../scenarios/registry.ts';
import { combinations } from './dimensions.ts';
import type { Experiment } from './experiment.ts';
import { preset_path } from './experiment-file.ts';
import { type Settable, withSetting } from './with-setting.ts';

type Settings = Readonly<Record<string, Scalar>>;

export function expand(experiment: Experiment): Trial[] {
  const { scenario } = experiment;
  const points = sweptPoints(experiment);
  const draws = drawnSettings(experiment);
  const settled = new Settled(experiment);
  const trials: Trial[] = [];
  const sides = combinations(experiment, 'side');
  for (const chosen of combinations(experiment, 'system', 'function', 'surroundings')) {
    const there = new Set<string>();
    for (const point of points) {
      const places = draws.map((drawn) => settled.at(chosen.workload, point, drawn));
      const runs = sides.flatMap((side, index) => {
        // What one repetition reads, its point reads: else its repetitions would be told apart.
        const reads = (path: string) =>
          places.some(
            (place) =>
              !unread(path, {
                scenario,
                ...chosen,
                ...side,
                children: place.children,
                ...servedAt(place),
              }),
          );
        const swept = settled.only(point, reads);
        const key = JSON.stringify([index, swept]);
        if (there.has(key)) return [];
        there.add(key);
        return [{ side, swept, reads }];
      });
      for (const [repetition, all_drawn] of draws.entries()) {
        for (const { side, swept, reads } of runs) {
          const drawn = settled.only(all_drawn, reads);
          const settings = settled.at(chosen.workload, swept, drawn);
          trials.push({
            index: trials.length,
            experiment: experiment.name,
            scenario,
            ...side,
            ...chosen,
            workload: settings.workload,
            repetition,
            swept,
            ...(experiment.ranges.length > 0 && { drawn }),
            children: settings.children,
            invocations: experiment.invocations,
            seed: deriveSeed(experiment.seed, 'trial', chosen.workload.name, repetition),
            fabric: settings.fabric,
            parameters: settings.parameters,
            ...servingOf(experiment, settings, (workload) => settled.at(workload, swept, drawn)),
          });
        }
      }
    }
  }
  return trials;
}

/** By the names that decide what is read. */
export function servedAt({
  arrivals,
  keep_alive,
  routing,
}: Pick<Settable, 'arrivals' | 'keep_alive' | 'routing'>): Pick<Reader, 'service'> {
  if (!arrivals || keep_alive === undefined || routing === undefined) return {};
  return { service: { arrivals, keep_alive: { name: keep_alive }, routing: { name: routing } } };
}

/** What a trial has beside where its experiment serves: all functions, each with the settings of this point. */
function servingOf(
  { scenario, workloads, ...named }: Experiment,
  { arrivals, ...settings }: Settable,
  at: (workload: Settable['workload']) => Settable,
): Pick<Trial, 'service'> {
  if (scenarioOf({ scenario }).serving === undefined) return {};
  const functions = workloads.map((workload) => at(workload).workload);
  const chosen = (key: 'keep_alive' | 'routing') =>
    named[key].find(({ name }) => name === settings[key])!;
  return {
    service: {
      functions,
      arrivals: arrivals!,
      ...describedOf(named, arrivals!, settings.parameters),
      keep_alive: chosen('keep_alive'),
      routing: chosen('routing'),
    },
  };
}

/** What files tell: requests until their end, or as long as the experiment says, and start times. */
function describedOf(
  { recorded, start_times, file, sweep, ranges }: Omit<Experiment, 'scenario' | 'workloads'>,
  { source, duration_s }: ArrivalSettings,
  parameters: ParameterSettings,
): Pick<ServiceSettings, 'recorded' | 'start_times'> {
  const told = recorded[source];
  const drawn = start_times[String(parameters['service']?.['start_times'])];
  if (told === undefined) return drawn === undefined ? {} : { start_times: drawn };
  const is_cut =
    file.arrivals.duration_s !== undefined ||
    [...sweep, ...ranges].some(({ path }) => path === 'arrivals.duration_s');
  const { length_s, ...input } = told;
  const until_s = is_cut ? Math.min(length_s, duration_s) : length_s;
  return { recorded: { ...input, until_s }, ...(drawn && { start_times: drawn }) };
}

/** Settings by what they were made of: trials that differ in nothing settable share one object, for traces are large. */
class Settled {
  readonly #experiment: Experiment;
  readonly #known = new Map<Settable['workload'], Map<Settings, Map<Settings, Settable>>>();
  readonly #parts = new Map<string, Settings>();

  constructor(experiment: Experiment) {
    this.#experiment = experiment;
  }

  at(workload: Settable['workload'], swept: Settings, drawn: Settings): Settable {
    const points = inMap(this.#known, workload, () => new Map<Settings, Map<Settings, Settable>>());
    const draws = inMap(points, swept, () => new Map<Settings, Settable>());
    return inMap(draws, drawn, () => settle(this.#experiment, workload, swept, drawn));
  }

  /** The settings that are read; equal ones are one object. */
  only(all: Settings, reads: (path: string) => boolean): Settings {
    const kept = Object.entries(all).filter(([path]) => reads(path));
    if (kept.length === Object.keys(all).length) return all;
    return inMap(this.#parts, JSON.stringify(kept), () => Object.fromEntries(kept));
  }
}

function inMap<K, V>(map: Map<K, V>, key: K, made: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = made();
    map.set(key, value);
  }
  return value;
}

/** Combinations of swept values, the last path varying fastest. */
export function sweptPoints({
  sweep,
  combinations: which,
}: Pick<Experiment, 'sweep' | 'combinations'>): Record<string, Scalar>[] {
  if (which === 'one-at-a-time') return movedAlone(sweep);
  return sweep.reduce<Record<string, Scalar>[]>(
    (points, { path, values }) =>
      points.flatMap((point) => values.map((value) => ({ ...point, [path]: value }))),
    [{}],
  );
}

/** First where nothing is moved: all settings have their first value. */
function movedAlone(sweep: Experiment['sweep']): Record<string, Scalar>[] {
  const base = Object.fromEntries(sweep.map(({ path, values }) => [path, values[0]!]));
  return [
    base,
    ...sweep.flatMap(({ path, values }) =>
      values.slice(1).map((value) => ({ ...base, [path]: value })),
    ),
  ];
}

const nothing: Settings = {};

/** What each repetition draws from the uncertain settings; the same for all that is compared. */
function drawnSettings(experiment: Experiment): Settings[] {
  const { ranges, repetitions, seed } = experiment;
  if (ranges.length === 0) return Array.from({ length: repetitions }, () => nothing);
  const paths = ranges.map(({ path }) => path);
  const hypercube = latinHypercube(deriveSeed(seed, 'ranges'), paths, repetitions);
  return Array.from({ length: repetitions }, (_, repetition) =>
    Object.fromEntries(
      ranges.map(({ path, low, high, whole }, axis) => {
        const value = low + hypercube[axis]![repetition]! * (high - low);
        return [path, whole ? Math.floor(value) : value];
      }),
    ),
  );
}

function settle(
  experiment: Experiment,
  workload: Settable['workload'],
  ...layers: readonly Readonly<Record<string, Scalar>>[]
): Settable {
  let settings: Settable = {
    fabric: experiment.fabric,
    parameters: experiment.parameters,
    children: experiment.children,
    arrivals: experiment.arrivals,
    keep_alive: experiment.keep_alive[0]?.name,
    routing: experiment.routing[0]?.name,
    workload,
  };
  for (const layer of layers) {
    const preset = layer[preset_path];
    if (preset !== undefined) {
      settings = { ...settings, fabric: experiment.fabrics[String(preset)]! };
    }
    for (const [path, value] of Object.entries(layer)) {
      if (path !== preset_path) settings = withSetting(settings, path, value);
    }
  }
  return settings;
}
