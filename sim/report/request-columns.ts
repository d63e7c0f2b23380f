/** Columns of requests: those that a cluster serves, and those to engines of language models. */

import type { MetricName } from '../metrics.ts';

export type ColumnOfMetric = readonly [
  title: string,
  unit: string,
  name: MetricName,
  expendable: number,
];

/** What tells of requests that a cluster serves. */
export const of_service: readonly ColumnOfMetric[] = [
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
export const engineColumns: readonly ColumnOfMetric[] = [
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
