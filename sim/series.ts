/** Series that a trial may have beside its metrics: a number for each of several places, times or ranks. */

import type { MetricKind } from './metrics.ts';

interface SeriesDefinition {
  readonly kind: MetricKind;
  /** What its points are at, as whole numbers from 0. */
  readonly at: 'node' | 'function' | 'second' | 'millisecond' | 'per mille' | 'decile';
  readonly description: string;
}

export const series = {
  node_memory_mb: {
    kind: 'memory',
    at: 'node',
    description:
      'own memory of the children on each node, each after its first invocation (2^20 bytes)',
  },
  link_read_bytes: {
    kind: 'traffic',
    at: 'node',
    description: "bytes from the device over each node's link, in the whole trial",
  },
  link_write_bytes: {
    kind: 'traffic',
    at: 'node',
    description: "bytes to the device over each node's link, in the whole trial",
  },
  latency_quantile_ms: {
    kind: 'time',
    at: 'per mille',
    description: 'latency of requests, of which so many in a thousand have no more',
  },
  function_p50_ms: {
    kind: 'time',
    at: 'function',
    description:
      'latency_p50_ms of the requests of each function alone, in the order of the experiment',
  },
  function_p99_ms: {
    kind: 'time',
    at: 'function',
    description: 'latency_p99_ms of the requests of each function alone',
  },
  decile_requests: {
    kind: 'count',
    at: 'decile',
    description:
      'requests that were served, by tenths of the functions: 1 has those that were asked for most',
  },
  decile_cold_start_share: {
    kind: 'share',
    at: 'decile',
    description: 'of these, those whose instance was started from nothing',
  },
  decile_fork_share: {
    kind: 'share',
    at: 'decile',
    description: 'of these, those whose instance was made of a checkpoint',
  },
  decile_local_memory_mb: {
    kind: 'memory',
    at: 'decile',
    description:
      'local memory that instances and parents of these functions held: mean over time (2^20 bytes)',
  },
  decile_idle_memory_mb: {
    kind: 'memory',
    at: 'decile',
    description: 'of that, what was held idle',
  },
  decile_cxl_memory_mb: {
    kind: 'memory',
    at: 'decile',
    description: 'CXL memory that their checkpoints held: mean over time (2^20 bytes)',
  },
  instances_over_time: {
    kind: 'count',
    at: 'second',
    description: 'instances that are there',
  },
  memory_over_time_mb: {
    kind: 'memory',
    at: 'second',
    description: 'local memory held over all nodes (2^20 bytes)',
  },
  requests_over_time: {
    kind: 'count',
    at: 'second',
    description: 'requests in the system',
  },
  waiting_over_time: {
    kind: 'count',
    at: 'second',
    description: 'of these, those that wait for their turn on a node',
  },
  ttft_quantile_ms: {
    kind: 'time',
    at: 'per mille',
    description: 'ttft_ms of requests to engines, of which so many in a thousand have no more',
  },
  tpot_quantile_ms: {
    kind: 'time',
    at: 'per mille',
    description: 'tpot_ms of requests to engines, of which so many in a thousand have no more',
  },
  running_over_time: {
    kind: 'count',
    at: 'millisecond',
    description: 'sequences that engines run: the size of their batches',
  },
  queue_over_time: {
    kind: 'count',
    at: 'millisecond',
    description: 'requests that wait for an engine, or for blocks that are on their way',
  },
  busy_share_over_time: {
    kind: 'share',
    at: 'millisecond',
    description: 'share of the time since the point before that GPUs computed',
  },
  used_kv_over_time_mb: {
    kind: 'memory',
    at: 'millisecond',
    description: 'KV blocks in GPU memory that sequences hold (2^20 bytes)',
  },
  gpu_kv_over_time_mb: {
    kind: 'memory',
    at: 'millisecond',
    description: 'the same with those that are kept',
  },
  host_kv_over_time_mb: {
    kind: 'memory',
    at: 'millisecond',
    description: 'KV blocks in the memory of all hosts',
  },
  cxl_kv_over_time_mb: {
    kind: 'memory',
    at: 'millisecond',
    description: 'KV blocks in CXL memory',
  },
  nvme_kv_over_time_mb: {
    kind: 'memory',
    at: 'millisecond',
    description: 'KV blocks on disks of all hosts',
  },
  found_gpu_share_over_time: {
    kind: 'share',
    at: 'millisecond',
    description:
      'share of the tokens of prompts since the point before that were found in GPU memory; no point where no prompt began',
  },
  found_dram_share_over_time: {
    kind: 'share',
    at: 'millisecond',
    description: 'the same, in the memory of the host',
  },
  found_peer_share_over_time: {
    kind: 'share',
    at: 'millisecond',
    description: 'the same, in the memory of another host',
  },
  found_cxl_share_over_time: {
    kind: 'share',
    at: 'millisecond',
    description: 'the same, in CXL memory',
  },
  found_nvme_share_over_time: {
    kind: 'share',
    at: 'millisecond',
    description: 'the same, on a disk',
  },
} as const satisfies Record<string, SeriesDefinition>;

export type SeriesName = keyof typeof series;

export const seriesNames = Object.keys(series) as SeriesName[];

/** Values by what they are at, in its order. */
export type Points = readonly (readonly [at: number, value: number])[];

/** The series of one trial; one that does not apply is absent. */
export type SeriesOf = Partial<Record<SeriesName, Points>>;

/** Whether these are series as a trial may have them: known ones, with points in order, none below zero. */
export function areSeries(given: unknown): given is SeriesOf {
  if (typeof given !== 'object' || given === null) return false;
  return Object.entries(given).every(
    ([name, points]) =>
      Object.hasOwn(series, name) && Array.isArray(points) && points.every(isPoint),
  );
}

function isPoint(point: unknown, index: number, points: readonly unknown[]): boolean {
  if (!Array.isArray(point) || point.length !== 2) return false;
  const [at, value] = point as [unknown, unknown];
  const before = index === 0 ? -1 : (points[index - 1] as [number, number])[0];
  return Number.isSafeInteger(at) && (at as number) > before && isAmount(value);
}

function isAmount(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
