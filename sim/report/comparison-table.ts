/**
 * The table that answers an experiment's question: a section per workload, a row per mechanism,
 * policy and swept point. Plain cells; the terminal and Markdown forms lay them out.
 */

import {
  haveSameSurroundings,
  of_system,
  type Surrounded,
  surroundings,
  systemOf,
} from '../experiment/dimensions.ts';
import { gathered } from '../gathered.ts';
import { baseline as baseline_mechanism } from '../mechanisms/registry.ts';
import type { MetricName } from '../metrics.ts';
import { type Baseline, baselineName } from '../results/over-workloads.ts';
import { peersOf, sole } from '../results/points.ts';
import { compare, type Group, regret, type Summary } from '../results/summarize.ts';

export interface Column {
  readonly title: string;
  readonly unit: string;
  readonly align: 'left' | 'right';
  /** Columns with the highest number go first where there is no room for all; 0 never goes. */
  readonly expendable: number;
}

export interface Section {
  readonly heading: string;
  /** One text per column; empty where nothing applies. */
  readonly rows: readonly (readonly string[])[];
}

export interface ComparisonTable {
  readonly columns: readonly Column[];
  readonly sections: readonly Section[];
}

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
): ComparisonTable {
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

type ColumnOfMetric = readonly [title: string, unit: string, name: MetricName, expendable: number];

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

/** What tells of requests that a cluster serves. */
const of_service: readonly ColumnOfMetric[] = [
  ['P50', 'ms', 'latency_p50_ms', 0],
  ['P99', 'ms', 'latency_p99_ms', 0],
  ['P99.9', 'ms', 'latency_p999_ms', 4],
  ['mean', 'ms', 'latency_ms', 3],
  ['slowdown P99', '', 'slowdown_p99', 4],
  ['cold starts', 'share', 'cold_start_share', 1],
  ['forks', '/s', 'forks_per_s', 3],
  ['timed out', '', 'timed_out', 2],
  ['dropped', '', 'dropped', 5],
  ['broken', '', 'broken', 5],
  ['memory', 'MB', 'local_memory_mean_mb', 1],
  ['idle', 'MB', 'idle_memory_mean_mb', 2],
  ['CXL', 'MB', 'cxl_memory_mean_mb', 5],
];

/** Of requests to engines; empty of all else. */
const engineColumns: readonly ColumnOfMetric[] = [
  ['fork round', 'ms', 'fork_round_ms', 0],
  ['TTFT', 'ms', 'ttft_ms', 0],
  ['TTFT P90', 'ms', 'ttft_p90_ms', 3],
  ['TPOT', 'ms', 'tpot_ms', 1],
  ['TPOT P90', 'ms', 'tpot_p90_ms', 4],
  ['latency', 'ms', 'latency_ms', 2],
  ['latency P90', 'ms', 'latency_p90_ms', 4],
  ['tokens', '/s', 'tokens_per_s', 0],
  ['good requests', '/s', 'goodput_per_s', 3],
  ['found', '', 'found_share', 1],
  ['computed anew', '', 'recomputed_share', 5],
  ['driven out', '', 'preemptions', 5],
  ['exact layers', 'share', 'exact_layer_share', 1],
];

/** A column and what it shows of a row. */
export interface RowContent<Row> extends Column {
  cell(row: Row): string;
}

/** Which system the rows are of, and at which point. */
export function systemContents<Row extends Surrounded & Pick<Group, 'swept'>>(
  rows: readonly Row[],
): RowContent<Row>[] {
  const word = (title: string, of: (row: Row) => string): RowContent<Row> => {
    return { title, unit: '', align: 'left', expendable: 0, cell: of };
  };
  return [
    ...of_system.map((name, index) => word(name, (row) => systemOf(row)[index]!)),
    ...surroundings.map((name) => {
      const several = new Set(rows.map((row) => row[name])).size > 1;
      return word(name, (row) => (several ? row[name] : ''));
    }),
    ...Object.keys(rows[0]?.swept ?? {}).map((path): RowContent<Row> => {
      // `cxl.latency_ns` of `fabric.cxl.latency_ns`: full paths leave no room for numbers.
      const title = path.split('.').slice(-2).join('.');
      return { title, unit: '', align: 'right', expendable: 0, cell: ({ swept }) => swept[path]! };
    }),
  ];
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

/** More would promise what nobody knows of a model’s error. */
function threeDigits(value: number): string {
  return fixed(value, value >= 100 ? 0 : value >= 10 ? 1 : 2);
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

/**
 * Decimals that give the smallest median of a column two or three digits and tell the ends of its
 * narrowest interval apart; never more than two.
 */
function decimalsFor(summaries: readonly Summary[]): number {
  const sizes = summaries.flatMap(({ median, interval }) => [
    Math.abs(median) / 10,
    interval ? interval.high - interval.low : 0,
  ]);
  const least = Math.min(...sizes.filter((size) => size > 0));
  return least >= 10 ? 0 : least >= 1 ? 1 : 2;
}

export function fixed(value: number | undefined, decimals: number): string {
  if (value === undefined) return '';
  const text = value.toFixed(decimals);
  // What is not zero must not be shown as zero.
  if (value !== 0 && Number(text) === 0) return `${value < 0 ? '>-' : '<'}${10 ** -decimals}`;
  return text;
}
