/** What results answer, in one sentence with its band: which system has the shortest first invocation, and by how much. */

import { geometricMean } from 'simple-statistics';
import { gathered } from '../../gathered.ts';
import { baseline } from '../../mechanisms/registry.ts';
import type { MetricName } from '../../metrics.ts';
import { meet } from '../../results/points.ts';
import type { Group } from '../../results/summarize.ts';
import type { ErrorBand } from '../error-bands.ts';

/** What is compared, the first that the results have, and how a sentence calls it. */
const compared: readonly (readonly [MetricName, string])[] = [
  ['all_ready_ms', 'has all children ready first'],
  ['end_to_end_ms', 'has the shortest first invocation'],
  ['restore_ms', 'restores fastest'],
];

type Band = (group: Group, metric: MetricName) => ErrorBand | undefined;

/**
 * A local fork is no rival, but what the others are measured against. Nothing where fewer than two systems stand at the
 * same point.
 */
export function answerOf(groups: readonly Group[], bandOf: Band): string | undefined {
  const [metric, does] = compared.find(([name]) => groups.some((each) => each.metrics[name])) ?? [];
  if (metric === undefined) return undefined;
  const measured = groups.filter((group) => group.metrics[metric] !== undefined);
  const all = measured.filter(({ mechanism }) => mechanism !== baseline.name);
  const wins = new Map<string, Group[]>();
  for (const point of pointsOf(all)) {
    if (point.length < 2) continue;
    const best = point.reduce((least, each) => (median(each) < median(least) ? each : least));
    wins.set(systemName(best), [...(wins.get(systemName(best)) ?? []), best]);
  }
  const ranked = [...wins].sort(([, a], [, b]) => b.length - a.length);
  const [first] = ranked;
  if (first === undefined) return undefined;
  const total = ranked.reduce((sum, [, won]) => sum + won.length, 0);
  const [system, won] = first;
  const of = total === 1 ? '' : ` at ${won.length} of ${total} points`;
  const examples = won.slice(0, 3).map((group) => `${placeName(group)} ${numberOf(group)}`);
  const more = won.length > 3 ? '; …' : '';
  const [next] = timesAsLong(won, all);
  const forks = measured.filter((group) => !all.includes(group));
  const [fork] = timesAsLong(won, forks);
  const parts = [
    `${system} ${does}${of}: ${examples.join('; ')}${more}`,
    ...(next ? [`the next, ${next.name}, takes ${next.mean.toPrecision(3)} times as long`] : []),
    ...(fork
      ? [`${fork.name}, on the parent’s own node, ${fork.mean.toPrecision(3)} times as long`]
      : []),
  ];
  return `${parts.join('; ')}.`;

  function median(group: Group): number {
    return group.metrics[metric!]!.median;
  }

  function numberOf(group: Group): string {
    const band = bandOf(group, metric!);
    const ends = band ? `band ${digits(band.low)} to ${digits(band.high)}` : 'no band';
    return `${digits(median(group))} ms (${ends})`;
  }

  /** Each other system that stands at all of these points, with the geometric mean of its ratios; least first. */
  function timesAsLong(best: readonly Group[], among: readonly Group[]) {
    const ratios = new Map<string, number[]>();
    for (const group of best) {
      for (const other of among) {
        if (systemName(other) === systemName(group) || !meet(other, group)) continue;
        const name = systemName(other);
        ratios.set(name, [...(ratios.get(name) ?? []), median(other) / median(group)]);
      }
    }
    return [...ratios]
      .filter(([, each]) => each.length === best.length && each.every((ratio) => ratio > 0))
      .map(([name, each]) => ({ name, mean: geometricMean(each) }))
      .sort((one, other) => one.mean - other.mean);
  }
}

/** Groups that stand at the same function, backend and swept values. */
function pointsOf(groups: readonly Group[]): Group[][] {
  const keyOf = ({ backend, workload, swept }: Group) => JSON.stringify([backend, workload, swept]);
  return [...gathered(groups, keyOf).values()];
}

function placeName({ workload, swept }: Group): string {
  const values = Object.entries(swept).filter(([, value]) => value !== '');
  return [workload, ...values.map(([path, value]) => `${path.split('.').at(-1)} ${value}`)].join(
    ', ',
  );
}

export function systemName({ mechanism, policy }: Pick<Group, 'mechanism' | 'policy'>): string {
  return policy === 'none' ? mechanism : `${mechanism} under ${policy}`;
}

export function digits(value: number): string {
  return Math.abs(value) >= 1000 ? value.toFixed(0) : String(Number(value.toPrecision(4)));
}
