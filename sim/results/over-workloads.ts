/** One number over all functions: the geometric mean of what each costs relative to a baseline. */

import {
  coordinatesBy,
  dimensionNames,
  haveSameSurroundings,
  type Surrounded,
} from '../experiment/dimensions.ts';
import { gathered } from '../gathered.ts';
import { writeCsv } from '../input/csv.ts';
import { type MetricName, metricNames } from '../metrics.ts';
import { sole, sweptMeet } from './points.ts';
import type { Group } from './summarize.ts';

/** What the others are held against: a mechanism, and the policy it runs under. */
export interface Baseline {
  readonly mechanism: string;
  /** `none` for a mechanism without policies. */
  readonly policy: string;
}

export interface OverWorkloads extends Surrounded, Pick<Group, 'swept'> {
  /** Over so many workloads each mean was taken: all that the backend measured at this point. */
  readonly workloads: number;
  /** Geometric mean, over workloads, of this median over the baseline's; none where a workload has no ratio. */
  readonly ratios: Readonly<Partial<Record<MetricName, number>>>;
}

export function baselineName({ mechanism, policy }: Baseline): string {
  return policy === 'none' ? mechanism : `${mechanism}, ${policy}`;
}

/** Rows in the order of first appearance; none where there is a single workload, or no ratio at all. */
export function overWorkloads(groups: readonly Group[], baseline: Baseline): OverWorkloads[] {
  const rows = new Map<string, OverWorkloads>();
  for (const group of groups) {
    const { mechanism, policy, swept } = group;
    const { workload: _, ...at } = coordinatesBy((name) => group[name]);
    const key = JSON.stringify([at, swept]);
    if (rows.has(key)) continue;
    const alike = groups.filter(
      (peer) => haveSameSurroundings(peer, group) && sweptMeet(peer.swept, swept),
    );
    const peers = [...gathered(alike, ({ workload }) => workload).values()];
    if (peers.length < 2) continue;
    // A baseline that is there at several values of what this row does not read is none.
    const of = (each: readonly Group[], system: Baseline) =>
      sole(
        each.filter((peer) => peer.mechanism === system.mechanism && peer.policy === system.policy),
      );
    const pairs = peers.map(
      (each) => [of(each, { mechanism, policy }), of(each, baseline)] as const,
    );
    const ratios = Object.fromEntries(
      metricNames.flatMap((metric) => {
        const mean = geometricMean(
          pairs.map(([own, base]) =>
            ratio(own?.metrics[metric]?.median, base?.metrics[metric]?.median),
          ),
        );
        return mean === undefined ? [] : [[metric, mean]];
      }),
    );
    if (Object.keys(ratios).length === 0) continue;
    rows.set(key, { ...at, swept, workloads: peers.length, ratios });
  }
  return [...rows.values()];
}

/** Of nothing there is no ratio, and none to nothing. */
function ratio(value: number | undefined, base: number | undefined): number | undefined {
  return value === undefined || base === undefined || value <= 0 || base <= 0
    ? undefined
    : value / base;
}

/** By logarithms, which neither overflow nor depend on the order of the values. */
function geometricMean(ratios: readonly (number | undefined)[]): number | undefined {
  let sum = 0;
  for (const each of [...ratios].sort((a, b) => (a ?? 0) - (b ?? 0))) {
    if (each === undefined) return undefined;
    sum += Math.log(each);
  }
  // e^0 is 1, also where logarithms of ratios and of their inverses leave a rest.
  return ratios.every((each) => each === ratios[0]) ? ratios[0] : Math.exp(sum / ratios.length);
}

/** A row for each system and metric. */
export function writeOverWorkloads(
  rows: readonly OverWorkloads[],
  baseline: Baseline,
  swept: readonly string[],
): string {
  const names = dimensionNames.filter((name) => name !== 'workload');
  const head = [...names, ...swept, 'metric', 'baseline', 'workloads'];
  return writeCsv([
    [...head, 'geometric_mean_ratio'],
    ...rows.flatMap((row) =>
      metricNames.flatMap((metric) => {
        const mean = row.ratios[metric];
        if (mean === undefined) return [];
        const values = swept.map((path) => row.swept[path] ?? '');
        const about = [...names.map((name) => row[name]), ...values, metric];
        return [[...about, baselineName(baseline), String(row.workloads), String(mean)]];
      }),
    ),
  ]);
}
