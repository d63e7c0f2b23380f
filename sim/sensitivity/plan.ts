/** The trials of a sensitivity analysis: of each row its own, each parameter by itself, and trajectories of them all. */

import type { Trial } from '../backend.ts';
import { expand } from '../experiment/expand.ts';
import type { Experiment } from '../experiment/experiment.ts';
import { withSetting } from '../experiment/with-setting.ts';
import type { Parameters } from '../parameters.ts';
import { type Trajectory, trajectory } from './morris.ts';
import { type Movable, movablesOf } from './movable.ts';

export interface PlannedTrajectory {
  readonly moved: Trajectory['moved'];
  readonly points: Trajectory['points'];
  /** One for each point. */
  readonly trials: readonly Trial[];
}

/** One mechanism and policy on one function. */
export interface PlannedRow {
  readonly base: Trial;
  readonly movables: readonly (Movable & { readonly at_low: Trial; readonly at_high: Trial })[];
  readonly unmoved: readonly string[];
  readonly trajectories: readonly PlannedTrajectory[];
}

export interface PlanOptions {
  /** By how much of itself a number is moved to either side. */
  readonly share: number;
  /** How many trajectories; with none, each parameter is moved by itself alone. */
  readonly trajectories: number;
}

/** Trials of a row share its seed: what differs between them is what was moved. */
export function planOf(
  experiment: Experiment,
  parameters: ReadonlyMap<string, Parameters>,
  { share, trajectories: count }: PlanOptions,
): PlannedRow[] {
  return expand({ ...experiment, ranges: [], repetitions: 1 }).map((base) => {
    const { moved, unmoved } = movablesOf(base, experiment, parameters, share);
    const byPath = new Map(moved.map((movable) => [movable.path, movable]));
    const at = (values: Iterable<readonly [path: string, value: number]>) => {
      let settings = settingsOf(base);
      for (const [path, value] of values) settings = withSetting(settings, path, value);
      return { ...base, ...settings };
    };
    const trajectories = Array.from({ length: moved.length === 0 ? 0 : count }, (_, index) => {
      const { points, moved: order } = trajectory(experiment.seed, index, [...byPath.keys()]);
      const trials = points.map((point) =>
        at([...point].map(([path, place]) => [path, valueAt(byPath.get(path)!, place)])),
      );
      return { points, moved: order, trials };
    });
    return {
      base,
      movables: moved.map((movable) => ({
        ...movable,
        at_low: at([[movable.path, movable.low]]),
        at_high: at([[movable.path, movable.high]]),
      })),
      unmoved,
      trajectories,
    };
  });
}

function settingsOf({ fabric, parameters, children, workload }: Trial) {
  return { fabric, parameters, children, workload };
}

/** The value at a place of the interval, from 0 to 1. */
export function valueAt({ low, high, whole }: Movable, place: number): number {
  const value = low + place * (high - low);
  return whole ? Math.round(value) : value;
}

export function trialsOf(rows: readonly PlannedRow[]): Trial[] {
  return rows.flatMap(({ base, movables, trajectories }) => [
    base,
    ...movables.flatMap(({ at_low, at_high }) => [at_low, at_high]),
    ...trajectories.flatMap(({ trials }) => trials),
  ]);
}
