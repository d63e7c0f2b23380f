/** What sandboxes on a host measure. */

import { stageMetrics } from '../stages.ts';
import type { MetricDefinitions } from './definition.ts';

export const sandboxMetrics = {
  start_p50_ms: {
    kind: 'time',
    description:
      'median of what children take in the window that is asked for, each since it was asked for; of scenario sandboxes',
  },
  start_p90_ms: {
    kind: 'time',
    description: 'their 90th percentile, of at least 10 children; of scenario sandboxes',
  },
  start_p99_ms: {
    kind: 'time',
    description: 'their 99th percentile, of at least 100 children; of scenario sandboxes',
  },
  api_ms: {
    kind: 'time',
    description: 'until the call that makes a child returns, mean of all; of scenario sandboxes',
  },
  critical_path_ms: {
    kind: 'time',
    description: 'what a child itself waits for, without shells around it; of scenario sandboxes',
  },
  first_work_ms: {
    kind: 'time',
    description: 'until the first answer of a child, mean of all; of scenario sandboxes',
  },
  verified_ms: {
    kind: 'time',
    description: 'until what a child inherited was checked, mean of all; of scenario sandboxes',
  },
  ...stageMetrics,
  waited_ms: {
    kind: 'time',
    description:
      'waits of a child for cores, locks and the disk of its host; of scenario sandboxes',
  },
  pause_ms: {
    kind: 'time',
    description: 'how long a running parent stands still to be branched; of scenario sandboxes',
  },
  branch_api_ms: {
    kind: 'time',
    description: 'until the call that branches a parent returns; of scenario sandboxes',
  },
  request_ms: {
    kind: 'time',
    description: 'a request to a sandbox that is there, until its answer; of scenario sandboxes',
  },
  turn_p50_ms: {
    kind: 'time',
    description:
      'a request with the reset after it, median, where percentiles of what is served are published; of scenario sandboxes',
  },
  turn_p90_ms: { kind: 'time', description: 'its 90th percentile; of scenario sandboxes' },
  turn_p99_ms: { kind: 'time', description: 'its 99th percentile; of scenario sandboxes' },
  reset_ms: {
    kind: 'time',
    description:
      'server busy after the answer, undoing what a request wrote; of scenario sandboxes',
  },
  host_memory_mb: {
    kind: 'memory',
    description:
      'what all children share on their host and what each holds of its own (2^20 bytes); of scenario sandboxes',
  },
  shared_memory_mb: {
    kind: 'memory',
    description: 'what all children on a host share there (2^20 bytes); of scenario sandboxes',
  },
  tree_memory_mb: {
    kind: 'memory',
    description:
      'a whole tree of forks with the images of all that were forked again (2^20 bytes); of scenario sandboxes',
  },
  session_overhead_share: {
    kind: 'share',
    description:
      "share of an agent's session that its branches and rollbacks take; of scenario sandboxes",
  },
  session_forks: {
    kind: 'count',
    description:
      "children that an agent's session forks: children.count at each image where they are several, one at each rollback; of scenario sandboxes",
  },
  session_depth: {
    kind: 'count',
    description:
      "images on the longest way from the root of a session's tree; of scenario sandboxes",
  },
  session_memory_mb: {
    kind: 'memory',
    description:
      "what a session's tree holds on its host at the end, images and children, as branches never merge (2^20 bytes); of scenario sandboxes",
  },
  session_cxl_mb: {
    kind: 'memory',
    description:
      "what a session's tree holds in memory that hosts share (2^20 bytes); of scenario sandboxes",
  },
  gpu_occupation_share: {
    kind: 'share',
    description:
      'share of a training step in which the GPU works, the rest of it waiting for sandboxes; of scenario sandboxes',
  },
} as const satisfies MetricDefinitions;
