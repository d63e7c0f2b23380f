/**
 * The table that answers an experiment's question: a section per workload, a row per mechanism,
 * policy and swept point. Plain cells; the terminal and Markdown forms lay them out.
 */

import { haveSameSurroundings } from '../experiment/dimensions.ts';
import { gathered } from '../gathered.ts';
import { baseline as baseline_mechanism } from '../mechanisms/registry.ts';
import type { MetricName } from '../metrics.ts';
import { type Baseline, baselineName } from '../results/over-workloads.ts';
import { peersOf, sole } from '../results/points.ts';
import { compare, type Group, regret, type Summary } from '../results/summarize.ts';
import { decimalsFor, fixed, threeDigits } from './decimals.ts';
import { type ColumnOfMetric, engineColumns, of_service } from './request-columns.ts';
import { systemContents } from './system-columns.ts';
import type { Column, Table } from './table.ts';

type PeersOf = (group: Group) => readonly Group[];

/** A column and what it shows of a group among the groups of the same point. */
interface Content extends Column {
  cell(group: Group, peers: readonly Group[]): string;
}

/** What is known of how far a row can be trusted. */
export interface Trust {
  basis(group: Group): string | undefined;
  /** Around the median of an end-to-end time. */
  band(group: Group): { readonly low: number; readonly high: number } | undefined;
  /** Share of cases that bands hold. */
  readonly share: number;
}

/** `baseline` is what end-to-end latency is held against; without one, the baseline among mechanisms, or the lowest. */
export function comparisonTable(
  groups: readonly Group[],
  baseline?: Baseline,
  trust?: Trust,
): Table {
  const peers = peersOf(groups);
  const contents = contentsOf(groups, peers, baseline, trust);
  const filled = [...gathered(groups, ({ workload }) => workload)].map(([heading, section]) => ({
    heading,
    rows: section.map((group) => contents.map((content) => content.cell(group, peers(group)))),
  }));
  // A column without a single entry says nothing.
  const kept = contents.flatMap((_, i) =>
    i === 0 || filled.some(({ rows }) => rows.some((row) => row[i] !== '')) ? [i] : [],
  );
  return {
    columns: kept.map((i) => contents[i]!),
    sections: filled.map(({ heading, rows }) => ({
      heading,
      rows: rows.map((row) => kept.map((i) => row[i]!)),
    })),
  };
}

const us_per_ms = 1000;

function contentsOf(
  groups: readonly Group[],
  peers: PeersOf,
  baseline: Baseline | undefined,
  trust: Trust | undefined,
): Content[] {
  const metric = (title: string, unit: string, name: MetricName, expendable: number): Content => {
    const decimals = decimalsFor(groups.flatMap(({ metrics }) => metrics[name] ?? []));
    return {
      title,
      unit,
      align: 'right',
      expendable,
      cell: ({ metrics }) => fixed(metrics[name]?.median, decimals),
    };
  };
  const micro = (title: string, name: MetricName): Content => ({
    title,
    unit: 'us',
    align: 'right',
    expendable: 1,
    cell: ({ metrics }) => fixed(metrics[name] && metrics[name].median * us_per_ms, 1),
  });
  // Where no time of execution is known, as of a trace without misses, counts are the answer.
  const count = (title: string, name: MetricName): Content => ({
    title,
    unit: '',
    align: 'right',
    expendable: 2,
    cell: ({ metrics }) =>
      metrics.end_to_end_ms === undefined ? String(metrics[name]?.median ?? '') : '',
  });
  return [
    ...systemContents(groups),
    metric('checkpoint', 'ms', 'checkpoint_ms', 8),
    metric('restore', 'ms', 'restore_ms', 3),
    metric('faults', 'ms', 'faults_ms', 3),
    metric('execution', 'ms', 'execution_ms', 3),
    metric('end to end', 'ms', 'end_to_end_ms', 0),
    ...(trust ? trusted(trust) : []),
    intervals(groups),
    ratios(groups, peers, baseline),
    regrets(groups, peers),
    ...ofScenario('requests', of_service, metric),
    metric('API', 'ms', 'api_ms', 1),
    metric('critical path', 'ms', 'critical_path_ms', 1),
    metric('first work', 'ms', 'first_work_ms', 1),
    metric('verified', 'ms', 'verified_ms', 1),
    metric('start p50', 'ms', 'start_p50_ms', 4),
    metric('p99', 'ms', 'start_p99_ms', 4),
    metric('waits', 'ms', 'waited_ms', 3),
    metric('pause', 'ms', 'pause_ms', 1),
    micro('request', 'request_ms'),
    micro('reset', 'reset_ms'),
    micro('turn p50', 'turn_p50_ms'),
    micro('turn p99', 'turn_p99_ms'),
    metric('all ready', 'ms', 'all_ready_ms', 2),
    metric('all done', 'ms', 'all_done_ms', 2),
    metric('warm', 'ms', 'warm_ms', 5),
    ...laterMetrics(groups).map(([title, unit, name]) => metric(title, unit, name, 4)),
    count('pages copied', 'pages_copied'),
    count('CoW faults', 'cow_faults'),
    count('migration', 'migration_faults'),
    count('minor', 'minor_faults'),
    metric('local memory', 'MB', 'local_memory_mb', 1),
    metric('in all', 'MB', 'children_local_memory_mb', 2),
    metric('shared', 'MB', 'shared_memory_mb', 2),
    metric('CXL memory', 'MB', 'cxl_memory_mb', 7),
    metric('tree', 'MB', 'tree_memory_mb', 3),
    metric('overhead', '', 'session_overhead_share', 1),
    metric('GPU works', '', 'gpu_occupation_share', 1),
    ...ofScenario('ttft_ms', engineColumns, metric),
  ];
}

/** Columns of one scenario's rows: those that have the metric which only it has, and none of a process alone. */
function ofScenario(
  own: MetricName,
  columns: readonly ColumnOfMetric[],
  column: (...of: ColumnOfMetric) => Content,
): Content[] {
  const isOf = ({ metrics: { end_to_end_ms, [own]: has } }: Group) =>
    end_to_end_ms === undefined && has !== undefined;
  return columns.map((each) => {
    const shown = column(...each);
    return { ...shown, cell: (group, all) => (isOf(group) ? shown.cell(group, all) : '') };
  });
}

/** What only differs from the other columns where children live on: with ticks, or more invocations than two. */
function laterMetrics(groups: readonly Group[]): [title: string, unit: string, name: MetricName][] {
  const live_on = groups.some(
    ({ metrics: { tick_ms, last_ms, warm_ms } }) =>
      tick_ms !== undefined || last_ms?.median !== warm_ms?.median,
  );
  if (!live_on) return [];
  return [
    ['last', 'ms', 'last_ms'],
    ['ticks', 'ms', 'tick_ms'],
    ['lifetime', 'ms', 'lifetime_ms'],
    ['memory at end', 'MB', 'last_local_memory_mb'],
    ['displaced', 'MB', 'displaced_memory_mb'],
  ];
}

/** The band of the model’s own error around the end-to-end time, and what the row stands on. */
function trusted({ basis, band, share }: Trust): Content[] {
  const ends = (group: Group) => {
    const own = band(group);
    return own === undefined ? '' : `[${threeDigits(own.low)}–${threeDigits(own.high)}]`;
  };
  return [
    { title: `${100 * share} % band`, unit: 'ms', align: 'right', expendable: 1, cell: ends },
    {
      title: 'basis',
      unit: '',
      align: 'left',
      expendable: 2,
      cell: (group) => basis(group) ?? '',
    },
  ];
}

/** Intervals of the end-to-end median; the header tells the least confidence among them. */
function intervals(groups: readonly Group[]): Content {
  const summaries = groups.flatMap(({ metrics }) => metrics.end_to_end_ms ?? []);
  const decimals = decimalsFor(summaries);
  const confidence = Math.min(
    ...summaries.flatMap(({ interval }) => interval?.confidence ?? []),
    1,
  );
  const percent = confidence >= 0.95 ? 95 : Math.floor(100 * confidence);
  return {
    title: `${percent} % interval`,
    unit: 'ms',
    align: 'right',
    expendable: 4,
    cell: ({ metrics }) => spread(metrics.end_to_end_ms, decimals),
  };
}

function spread(summary: Summary | undefined, decimals: number): string {
  if (summary?.deterministic) return 'deterministic';
  if (summary?.interval === undefined) return '';
  const { low, high } = summary.interval;
  return `[${fixed(low, decimals)}, ${fixed(high, decimals)}]`;
}

/** End-to-end latency over the baseline's; without one, over that of mechanisms where every point has it, else the lowest. */
function ratios(groups: readonly Group[], peersOf: PeersOf, named: Baseline | undefined): Content {
  const { mechanism, policy } = named ?? { mechanism: baseline_mechanism.name, policy: 'none' };
  const baselineOf = (peers: readonly Group[], group: Group) =>
    sole(
      peers.filter(
        (peer) =>
          peer.mechanism === mechanism &&
          peer.policy === policy &&
          haveSameSurroundings(peer, group),
      ),
    );
  const has_baseline = groups.every((group) => baselineOf(peersOf(group), group));
  return {
    title: named
      ? `× ${baselineName(named)}`
      : has_baseline
        ? `× ${baseline_mechanism.name.replaceAll('-', ' ')}`
        : '× lowest',
    unit: '',
    align: 'right',
    expendable: 2,
    cell(group, peers) {
      const baseline = named || has_baseline ? baselineOf(peers, group) : lowest(peers, group);
      return fixed(baseline && compare(group, baseline, 'end_to_end_ms')?.ratio?.median, 2);
    },
  };
}

function lowest(peers: readonly Group[], group: Group): Group | undefined {
  const latency = ({ metrics }: Group) => metrics.end_to_end_ms?.median ?? Number.POSITIVE_INFINITY;
  return peers
    .filter((peer) => haveSameSurroundings(peer, group))
    .reduce<Group | undefined>(
      (best, peer) => (best && latency(best) <= latency(peer) ? best : peer),
      undefined,
    );
}

function regrets(groups: readonly Group[], peersOf: PeersOf): Content {
  const decimals = decimalsFor(groups.flatMap((group) => regret(group, peersOf(group)) ?? []));
  return {
    title: 'regret',
    unit: 'ms',
    align: 'right',
    expendable: 6,
    cell: (group, peers) => fixed(regret(group, peers)?.median, decimals),
  };
}
