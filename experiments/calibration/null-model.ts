/**
 * What one would guess without a model: CXLfork costs what a local fork costs, CRIU as much more as its images are
 * large, Mitosis as much more as is touched; both fitted on the functions that are not asked for.
 */

import type { FunctionProfile } from '../../sim/workload/workload.ts';
import { fitChanges } from './fit.ts';
import { functionNames, type System, type TimeMetric, workloadOf } from './fitted-model.ts';
import { published, total_ms } from './published.ts';
import { allSeries, type Predictor } from './residuals.ts';

const profiles = new Map(
  functionNames.map((name) => [name, workloadOf(name) as FunctionProfile] as const),
);

/** Beside a constant, what the guess grows with. */
const sizes: Readonly<Record<string, 'footprint_mb' | 'touched_mb'>> = {
  criu: 'footprint_mb',
  mitosis: 'touched_mb',
};

export const nullLeftOut: Predictor = (system, metric, workload) => {
  const fork_ms = localFork_ms(metric, workload);
  const size = sizes[system.mechanism];
  if (size === undefined) return fork_ms;
  const slopes = (name: string) => [profiles.get(name)![size], 1];
  const observations = [...cellsOf(system, metric)].flatMap(([name, real]) => {
    if (name === workload) return [];
    return [{ published: real, modelled: localFork_ms(metric, name), slopes: slopes(name) }];
  });
  return fitChanges(observations).reduce(
    (sum, change, at) => sum + change * slopes(workload)[at]!,
    fork_ms,
  );
};

function localFork_ms(metric: TimeMetric, workload: string): number {
  const { local_fork } = published.functions[workload]!;
  if (metric === 'warm_ms') return profiles.get(workload)!.warm_ms;
  return metric === 'end_to_end_ms' ? total_ms(local_fork) : local_fork[metric];
}

function cellsOf({ mechanism }: System, metric: TimeMetric): ReadonlyMap<string, number> {
  return allSeries.find((each) => each.system.mechanism === mechanism && each.metric === metric)!
    .published;
}
