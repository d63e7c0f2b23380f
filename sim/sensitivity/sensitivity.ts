/** Which parameters a result depends on: by each alone, and by all together. */

import type { Trial } from '../backend.ts';
import { coordinatesOf } from '../experiment/dimensions.ts';
import type { MetricName } from '../metrics.ts';
import type { Outcome } from '../results/outcome.ts';
import { TrialFailed } from '../results/trial-failed.ts';
import { type Effects, effectsOf } from './morris.ts';
import { type PlannedRow, valueAt } from './plan.ts';

export interface ParameterSensitivity {
  readonly path: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** The metric where this parameter alone is at either end. */
  readonly at_low: number;
  readonly at_high: number;
  /** Elementary effects over the whole interval; absent without trajectories. */
  readonly effects?: Effects;
  /** Its share of the mean sizes of all effects; absent where nothing has any. */
  readonly index?: number;
}

export interface RowSensitivity {
  readonly mechanism: string;
  readonly policy: string;
  readonly workload: string;
  /** The metric as the experiment has it; absent where the row has no such number. */
  readonly base?: number;
  /** Why there is none. */
  readonly reason?: string;
  /** Those that matter most first. */
  readonly parameters: readonly ParameterSensitivity[];
  /** Read, but not moved: a share of nothing is nothing. */
  readonly unmoved: readonly string[];
}

export function sensitivityOf(
  row: PlannedRow,
  outcomes: ReadonlyMap<Trial, Outcome>,
  metric: MetricName,
): RowSensitivity {
  const { base, movables, unmoved, trajectories } = row;
  const { mechanism, policy, workload } = coordinatesOf(base);
  const about = { mechanism, policy, workload, unmoved };
  const own = outcomes.get(base)!;
  if (own.status === 'skipped') return { ...about, reason: own.reason, parameters: [] };
  const measured = (trial: Trial, moved: string): number => {
    const outcome = outcomes.get(trial)!;
    const point = `${mechanism}, ${workload}, with ${moved} moved`;
    if (outcome.status !== 'done') {
      throw new TrialFailed(`a trial ${outcome.status} (${point}): ${outcome.reason}`);
    }
    const value = outcome.measurements[metric];
    if (value === undefined) throw new TrialFailed(`a trial has no ${metric} (${point})`);
    return value;
  };
  if (own.status === 'failed') {
    throw new TrialFailed(`a trial failed (${mechanism}, ${workload}): ${own.reason}`);
  }
  const at_base = own.measurements[metric];
  if (at_base === undefined) {
    return { ...about, reason: `${mechanism} has no ${metric}`, parameters: [] };
  }
  const effects = new Map<string, number[]>();
  for (const { moved, points, trials } of trajectories) {
    for (const [index, path] of moved.entries()) {
      const movable = movables.find((each) => each.path === path)!;
      const places = [points[index]!, points[index + 1]!].map((point) => point.get(path)!);
      const [from, to] = places.map((place) => valueAt(movable, place)) as [number, number];
      // Two places that are one whole number tell nothing.
      if (from === to) continue;
      const change = measured(trials[index + 1]!, path) - measured(trials[index]!, path);
      const effect = (change / (to - from)) * (movable.high - movable.low);
      effects.set(path, [...(effects.get(path) ?? []), effect]);
    }
  }
  const summed = new Map([...effects].map(([path, values]) => [path, effectsOf(values)]));
  const total = [...summed.values()].reduce((sum, { mean_size }) => sum + mean_size, 0);
  const parameters = movables.map(
    ({ path, value, low, high, at_low, at_high }): ParameterSensitivity => {
      const own_effects = summed.get(path);
      return {
        ...{ path, value, low, high },
        at_low: measured(at_low, path),
        at_high: measured(at_high, path),
        ...(own_effects && { effects: own_effects }),
        ...(own_effects && total > 0 && { index: own_effects.mean_size / total }),
      };
    },
  );
  return { ...about, base: at_base, parameters: parameters.sort(byImportance) };
}

/** By index, then by what it does alone; equal ones by name. */
function byImportance(a: ParameterSensitivity, b: ParameterSensitivity): number {
  const by_index = (b.index ?? 0) - (a.index ?? 0);
  if (by_index !== 0) return by_index;
  const by_swing = swingOf(b) - swingOf(a);
  if (by_swing !== 0) return by_swing;
  return a.path < b.path ? -1 : 1;
}

/** How far the metric goes where the parameter alone goes from one end to the other. */
export function swingOf({ at_low, at_high }: ParameterSensitivity): number {
  return Math.abs(at_high - at_low);
}

/** Whether it changed the metric anywhere. */
export function matters({ at_low, at_high, effects }: ParameterSensitivity, base: number): boolean {
  return at_low !== base || at_high !== base || (effects?.mean_size ?? 0) > 0;
}
