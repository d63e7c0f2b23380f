/** What a cluster measures that serves requests. */

import type { MetricDefinitions } from './definition.ts';

export const serviceMetrics = {
  requests: {
    kind: 'count',
    description: 'requests that came after the warm-up, however they ended; of scenario service',
  },
  slowdown: {
    kind: 'ratio',
    description: "latency over the function's warm latency in local memory: mean over requests",
  },
  slowdown_p50: { kind: 'ratio', description: 'the same, of which half of the requests have less' },
  slowdown_p99: { kind: 'ratio', description: 'the same, of which 99 % have no more' },
  slowdown_p999: { kind: 'ratio', description: 'the same, of which 99.9 % have no more' },
  cold_start_share: {
    kind: 'share',
    description: 'share of served requests whose instance was started from nothing',
  },
  cold_start_p75_share: {
    kind: 'share',
    description:
      "cold_start_share of each function's requests alone, of which three in four functions have no more",
  },
  fork_share: {
    kind: 'share',
    description: 'share of served requests whose instance was made of a checkpoint',
  },
  promoted_share: {
    kind: 'share',
    description:
      'share of instances made of checkpoints that were promoted; where the policy knows that',
  },
  unmapped_requests_share: {
    kind: 'share',
    description:
      'requests of a trace that no workload stands for and that are left out, over all of it',
  },
  unmapped_time_share: {
    kind: 'share',
    description: 'time that these compute, over that of all requests of the trace',
  },
  forks_per_s: { kind: 'rate', description: 'instances made of checkpoints, a second' },
  wait_ms: {
    kind: 'time',
    description: 'mean over served requests: until they had their turn on a node',
  },
  shell_ms: {
    kind: 'time',
    description: 'mean over served requests: until the container was there',
  },
  start_ms: {
    kind: 'time',
    description: 'mean over served requests: restore, or initialisation; nothing of warm ones',
  },
  run_faults_ms: {
    kind: 'time',
    description: 'mean over served requests: faults of the first invocations of instances',
  },
  run_ms: {
    kind: 'time',
    description: 'mean over served requests: execution without these faults',
  },
  dropped: {
    kind: 'count',
    description: 'requests that found no node, no room in line, or no node with the memory',
  },
  timed_out: { kind: 'count', description: 'requests that waited longer than they may' },
  broken: {
    kind: 'count',
    description: 'requests that were worked on when their instance was lost',
  },
  broken_children: {
    kind: 'count',
    description: 'instances made of checkpoints that were lost in failures, working or idle',
  },
  checkpoints_reclaimed: {
    kind: 'count',
    description: 'checkpoints that gave way to others in CXL memory',
  },
  local_memory_mean_mb: {
    kind: 'memory',
    description: 'local memory held over all nodes: mean over time (2^20 bytes)',
  },
  idle_memory_mean_mb: {
    kind: 'memory',
    description:
      'of that, held by idle instances and by parents that only their children need: mean over time (2^20 bytes)',
  },
  cxl_memory_mean_mb: {
    kind: 'memory',
    description: 'CXL memory held by checkpoints: mean over time (2^20 bytes)',
  },
  local_memory_most_mb: {
    kind: 'memory',
    description: 'the most local memory that was held at once over all nodes (2^20 bytes)',
  },
  local_mb_s_per_request: {
    kind: 'memory',
    description: 'local memory times seconds, over served requests (2^20 bytes s)',
  },
  idle_mb_s_per_request: {
    kind: 'memory',
    description: 'the same of idle memory alone: what keep-alive wastes (2^20 bytes s)',
  },
  instances_mean: { kind: 'mean', description: 'instances that are there: mean over time' },
  instances_most: { kind: 'count', description: 'the most instances at once' },
  in_system_mean: {
    kind: 'mean',
    description: 'requests that wait or are worked on: mean over time',
  },
  cores_used_share: {
    kind: 'share',
    description: 'share of all cores that are held: mean over time',
  },
  device_used_share: {
    kind: 'share',
    description: "share of the device's bandwidth that is asked for: mean over the whole trial",
  },
} as const satisfies MetricDefinitions;
