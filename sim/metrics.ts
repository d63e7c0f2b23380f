/** The metrics that every backend reports, each with its unit in its name. */

import { stageMetrics } from './stages.ts';

/** What a metric counts; tables and figures group and format by it. */
export type MetricKind = 'time' | 'memory' | 'traffic' | 'count' | 'share';

type MetricDefinition = { kind: MetricKind; description: string };

export const metrics = {
  checkpoint_ms: { kind: 'time', description: "freezing the parent's state, once per parent" },
  restore_ms: {
    kind: 'time',
    description: 'until the child can run its first instruction; for a cold start, initialisation',
  },
  faults_ms: {
    kind: 'time',
    description: 'minor, copy-on-write and migration faults of the first invocation',
  },
  execution_ms: { kind: 'time', description: 'the first invocation without its faults' },
  end_to_end_ms: { kind: 'time', description: 'restore + faults + execution' },
  warm_ms: { kind: 'time', description: 'the second invocation of the same child, all in' },
  local_memory_mb: {
    kind: 'memory',
    description: "the child's own memory on its node after the first invocation (2^20 bytes)",
  },
  cxl_memory_mb: {
    kind: 'memory',
    description: 'the checkpoint in CXL memory, shared by all children (2^20 bytes)',
  },
  pages_copied: {
    kind: 'count',
    description: 'pages copied from the checkpoint or parent to local memory',
  },
  leaves_attached: {
    kind: 'count',
    description: 'page-table leaves mapped from the checkpoint at restore',
  },
  leaves_built: {
    kind: 'count',
    description: 'page-table leaves built locally at restore from the checkpoint',
  },
  leaves_unshared: {
    kind: 'count',
    description: 'attached leaves replaced by a local copy at their first update',
  },
  cow_faults: { kind: 'count', description: 'copy-on-write faults of the first invocation' },
  migration_faults: {
    kind: 'count',
    description: 'faults that fetched a page on its first access',
  },
  minor_faults: {
    kind: 'count',
    description: 'faults that mapped a new or cached page without a copy',
  },
  cxl_read_bytes: {
    kind: 'traffic',
    description: 'bytes read from CXL memory by restore and first invocation',
  },
  cxl_write_bytes: {
    kind: 'traffic',
    description: 'bytes written to CXL memory by checkpoint, restore and first invocation',
  },
  last_ms: {
    kind: 'time',
    description: 'the last invocation of the child, all in; warm_ms if it runs two',
  },
  lifetime_ms: {
    kind: 'time',
    description: 'restore, all invocations of the child and the ticks between them',
  },
  last_local_memory_mb: {
    kind: 'memory',
    description: "the child's own memory on its node after its last invocation (2^20 bytes)",
  },
  tick_ms: {
    kind: 'time',
    description: 'all ticks of the policy: its look at pages, and its moves',
  },
  pages_promoted: { kind: 'count', description: 'pages that ticks copied to local memory' },
  pages_demoted: { kind: 'count', description: 'clean local copies that ticks dropped' },
  pages_over_budget: {
    kind: 'count',
    description: 'pages that ticks asked to move beyond their budget, and which stayed',
  },
  tick_read_bytes: { kind: 'traffic', description: 'bytes read from CXL memory by ticks' },
  tick_write_bytes: {
    kind: 'traffic',
    description: 'bytes written to CXL memory by ticks: attached leaves whose bits they cleared',
  },
  displaced_memory_mb: {
    kind: 'memory',
    description:
      "memory that others on the child's node lack after its last invocation (2^20 bytes); where fabric.node.others_memory_share is set",
  },
  first_ready_ms: {
    kind: 'time',
    description: 'from asking for the first of several children until one can run',
  },
  all_ready_ms: {
    kind: 'time',
    description: 'from asking for the first of several children until all can run, or could',
  },
  all_done_ms: {
    kind: 'time',
    description:
      'from asking for the first of several children until all have ended their first invocation',
  },
  slowest_end_to_end_ms: {
    kind: 'time',
    description: 'the longest end_to_end_ms of several children',
  },
  children_local_memory_mb: {
    kind: 'memory',
    description:
      'own memory of several children, each after its first invocation, added up (2^20 bytes)',
  },
  fullest_node_memory_mb: {
    kind: 'memory',
    description: 'the same, of the node whose children hold most (2^20 bytes)',
  },
  busiest_link_bytes: {
    kind: 'traffic',
    description:
      'bytes over the link of the node that moved most, both ways, in the whole trial of several children',
  },
  device_bytes: {
    kind: 'traffic',
    description:
      'bytes to and from the CXL device in the whole trial, the checkpoint among them; of scenario cluster',
  },
  instances_that_fit: {
    kind: 'count',
    description:
      "instances that the memory of the first child's node has room for, each with the most that it ever holds, beside the parent where children need it there; of scenario cluster",
  },
  instances_refused: {
    kind: 'count',
    description: 'children that found no memory on their node, and never ran; of scenario cluster',
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
  gpu_occupation_share: {
    kind: 'share',
    description:
      'share of a training step in which the GPU works, the rest of it waiting for sandboxes; of scenario sandboxes',
  },
} as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof metrics;

export const metricNames = Object.keys(metrics) as MetricName[];

/** What one trial measured; a metric that does not apply is absent, never zero. */
export type Measurements = Partial<Record<MetricName, number>>;
