/** What children of a checkpoint measure, in scenarios fork and cluster. */

import type { MetricDefinitions } from './definition.ts';

export const processMetrics = {
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
    description:
      'the checkpoint in CXL memory, shared by all children; of scenario kv-cache, blocks there at most (2^20 bytes)',
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
      'bytes to and from the CXL device in the whole trial, the checkpoint among them; of scenarios cluster and kv-cache',
  },
  instances_that_fit: {
    kind: 'count',
    description:
      "instances that the memory of the first child's node has room for, each with the most that it ever holds, beside the parent where children need it there; of scenario cluster",
  },
  instances_in_pod: {
    kind: 'count',
    description:
      'the same on all nodes of the fabric together: where children need a parent on their own node, each node has one; of scenario cluster',
  },
  instances_refused: {
    kind: 'count',
    description: 'children that found no memory on their node, and never ran; of scenario cluster',
  },
} as const satisfies MetricDefinitions;
