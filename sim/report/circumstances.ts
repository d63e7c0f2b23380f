/** What a reader must know to read numbers rightly: what was simulated, and what varies. */

import type { ChildrenSettings } from '../backend.ts';
import { definitionOf } from '../backends/registry.ts';
import { systemOf } from '../experiment/dimensions.ts';
import type { Experiment } from '../experiment/experiment.ts';
import type { Group, Summary } from '../results/summarize.ts';
import { scenarioOf } from '../scenarios/registry.ts';

/** One line for the head of tables and figures. */
export function circumstances(experiment: Experiment): string {
  const { backends, fabric, workloads, children, repetitions, seed, sweep, ranges } = experiment;
  const changed = new Set([...sweep, ...ranges].map(({ path }) => path));
  const latency = (path: string, latency_ns: number) =>
    changed.has(path) ? 'varied' : `${latency_ns} ns`;
  const preset = changed.has('fabric.preset') ? 'several presets' : fabric.preset;
  const fabric_words = changed.has('fabric.preset')
    ? ''
    : ` (CXL ${latency('fabric.cxl.latency_ns', fabric.cxl.latency_ns)}, ` +
      `local ${latency('fabric.node.local.latency_ns', fabric.node.local.latency_ns)})`;
  return [
    `${experiment.name}: ${backends.map(backendWords).join(' and ')}`,
    `fabric ${preset}${fabric_words}`,
    ...[scenarioOf(experiment).told ?? []].flat(),
    ...childrenWords(children, changed),
    repetitions === 1 ? 'one repetition' : `medians of ${repetitions} repetitions`,
    `seed ${seed}`,
    ...(workloads.some(({ kind }) => kind === 'trace') ? ['traces replayed as recorded'] : []),
  ].join(', ');
}

/** Times and memory of a row with several children are means over them, apart from those of all. */
function childrenWords(
  { count, nodes, interval_ms, starts_ms }: ChildrenSettings,
  changed: ReadonlySet<string>,
): string[] {
  const vary = changed.has('children.count');
  if (count === 1 && !vary) return [];
  const on = changed.has('children.nodes') ? 'a varied number of' : nodes;
  const apart = changed.has('children.interval_ms') ? 'a varied number of' : interval_ms;
  const last_ms = starts_ms?.at(-1) ?? 0;
  const evenly = apart === 0 ? 'at once' : `${apart} ms apart`;
  const together = last_ms > 0 ? `at given times within ${last_ms} ms` : evenly;
  return [
    `means over ${vary ? 'a varied number of' : count} children of one checkpoint, ` +
      `on ${on} node${on === 1 ? '' : 's'}, ${together}`,
  ];
}

function backendWords(backend: string): string {
  return definitionOf(backend)?.origin ?? `measured on backend ${backend}`;
}

/** What differs between repetitions, or that nothing does. */
export function variation(experiment: Experiment, groups: readonly Group[]): string {
  if (experiment.repetitions === 1) return 'One repetition: no interval can be given.';
  const summaries = groups.flatMap(({ metrics }) => Object.values(metrics));
  if (summaries.every(({ deterministic }) => deterministic)) {
    return 'Deterministic: nothing varies between the repetitions, so there are no intervals.';
  }
  const drawn = experiment.ranges.map(({ path, low, high }) => `${path} in [${low}, ${high})`);
  const what = [
    scenarioOf(experiment).serves === undefined
      ? 'the pages that invocations touch, drawn from the seed'
      : 'when requests come and of which functions, and the pages that invocations touch, drawn from the seed',
    ...(drawn.length > 0 ? [`${drawn.join(', ')}, drawn by Latin hypercube`] : []),
  ].join('; ');
  return (
    `Between repetitions vary: ${what}. Compared rows share random numbers; ` +
    `ratios and regret are medians over pairs.${moreRepetitions(summaries)}`
  );
}

/** The fewest values whose smallest and largest hold their median in 95 of 100 cases. */
const least_for_95 = 6;

/** How to get intervals that are worth quoting, where these are not. */
function moreRepetitions(summaries: readonly Summary[]): string {
  const weak = summaries.some(({ interval }) => interval && interval.confidence < 0.95);
  return weak ? ` Intervals of 95 % take --repetitions ${least_for_95} or more.` : '';
}

/** Which policies asked to move more than they may: what stayed is no choice of theirs. */
export function overBudget(groups: readonly Group[]): string[] {
  const over = groups.filter(({ metrics }) => (metrics.pages_over_budget?.median ?? 0) > 0);
  if (over.length === 0) return [];
  const policies = [...new Set(over.map(({ policy }) => policy))].join(', ');
  return [
    `Ticks of ${policies} asked to move more pages than their budget, parameters.kernel.tick_budget_pages; ` +
      'those beyond it stayed: pages_over_budget counts them.',
  ];
}

/** Whose numbers are of some instances alone. */
export function refusedInstances(groups: readonly Group[]): string[] {
  const some = groups.filter(({ metrics }) => (metrics.instances_refused?.median ?? 0) > 0);
  if (some.length === 0) return [];
  const systems = [...new Set(some.map((group) => systemOf(group).filter(Boolean).join(', ')))];
  return [
    `On some points instances of ${systems.join(' and of ')} found no memory on their node and never ran ` +
      '(instances_refused counts them): numbers there are of the others, and times of all are left out.',
  ];
}

/** What must be said of the workloads before their numbers are quoted; the same words once. */
export function caveats(experiment: Experiment): string[] {
  const names = new Map<string, string[]>();
  for (const workload of experiment.workloads) {
    if (!('caveat' in workload)) continue;
    names.set(workload.caveat, [...(names.get(workload.caveat) ?? []), workload.name]);
  }
  return [...names].map(([caveat, workloads]) => `${workloads.join(', ')}: ${caveat}`);
}
