/** Published times, and how far what a predictor says of each without it lies from it. */

import { mechanisms } from '../../sim/mechanisms/registry.ts';
import {
  fitOn,
  fitted,
  functionNames,
  type Linearised,
  mechanismNames,
  policyOf,
  predictFor,
  presentValue,
  type System,
  type TimeMetric,
} from './fitted-model.ts';
import type { Residuals } from './prediction-band.ts';
import { phases, published, total_ms } from './published.ts';

/** One time of one system as one figure shows it, by function. */
export interface Series {
  readonly system: System;
  readonly metric: TimeMetric;
  readonly published: ReadonlyMap<string, number>;
}

/** What a time is predicted to be by a fit that did not see this function. */
export type Predictor = (system: System, metric: TimeMetric, workload: string) => number;

/** Policies that figure 8 shows. */
const policies = Object.keys(Object.values(published.functions)[0]!.policies);

function seriesOf(
  system: System,
  metric: TimeMetric,
  value: (workload: string) => number | undefined,
): Series[] {
  const cells = functionNames.flatMap((name) => {
    const real = value(name);
    return real === undefined ? [] : [[name, real] as const];
  });
  return cells.length === 0 ? [] : [{ system, metric, published: new Map(cells) }];
}

/** Every published time of a function that is no input. */
export const allSeries: readonly Series[] = [
  ...mechanismNames.flatMap((mechanism) => {
    const policy = policyOf(mechanism);
    const system = policy === undefined ? { mechanism } : { mechanism, policy };
    const times = (name: string) => published.functions[name]!.mechanisms[mechanism]!;
    return [
      ...phases.flatMap((phase) => seriesOf(system, phase, (name) => times(name)[phase])),
      ...seriesOf(system, 'end_to_end_ms', (name) => total_ms(times(name))),
    ];
  }),
  ...policies.flatMap((policy) => {
    const system = { mechanism: 'cxlfork', policy };
    const times = (name: string) => published.functions[name]!.policies[policy]!;
    return [
      ...seriesOf(system, 'end_to_end_ms', (name) => times(name).cold_ms),
      ...seriesOf(system, 'warm_ms', (name) => times(name).warm_ms),
    ];
  }),
];

/** All that times are published of. */
export const publishedSystems: readonly System[] = [
  ...new Map(
    allSeries.map(({ system }) => [`${system.mechanism} ${system.policy}`, system]),
  ).values(),
];

/** What one band is of: a mechanism’s time under a policy, or under any where no policy is named. */
export interface Kind extends System {
  readonly metric: TimeMetric;
  readonly series: readonly Series[];
  /** Whether its times stand in kinds of single policies, too. */
  readonly of_all_policies: boolean;
}

/** Each time of each system; and of mechanisms that take policies, of all of them together, for policies that nothing is published of. */
export function kinds(): Kind[] {
  const own = new Map<string, Kind>();
  const shared = new Map<string, Kind>();
  for (const series of allSeries) {
    const { system, metric } = series;
    add(own, { ...system, metric, series: [series], of_all_policies: false });
    const { mechanism } = system;
    // Of phases one policy is published: they tell nothing of the others.
    const of_all_policies =
      mechanisms[mechanism]!.policies === 'any' &&
      (metric === 'end_to_end_ms' || metric === 'warm_ms');
    if (of_all_policies) add(shared, { mechanism, metric, series: [series], of_all_policies });
  }
  return [...own.values(), ...shared.values()];
}

function add(all: Map<string, Kind>, { series, ...kind }: Kind): void {
  const key = JSON.stringify([kind.mechanism, kind.policy, kind.metric]);
  all.set(key, { ...kind, series: [...(all.get(key)?.series ?? []), ...series] });
}

/** The model, each function left out of the fit of all parameters. */
export function modelLeftOut(linearised: Linearised): Predictor {
  const changes = new Map(
    functionNames.map((name) => {
      const others = functionNames.filter((other) => other !== name);
      const values = fitOn(others, linearised);
      return [name, values.map((value, at) => value - presentValue(fitted[at]!))];
    }),
  );
  return (system, metric, name) => predictFor(system, name, changes.get(name)!, linearised)[metric];
}

/** What figures are read to: a fit to few functions may predict less than nothing. */
const least_ms = 0.01;

export function residualsOf({ series }: Pick<Kind, 'series'>, predict: Predictor): Residuals {
  const residuals = new Map<string, number[]>();
  for (const { system, metric, published: cells } of series) {
    for (const [name, real] of cells) {
      const predicted = Math.max(predict(system, metric, name), least_ms);
      residuals.set(name, [...(residuals.get(name) ?? []), Math.log(real / predicted)]);
    }
  }
  return residuals;
}
