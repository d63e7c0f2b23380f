/** The metrics that every backend reports, each with its unit in its name. */

import { stageMetrics } from './stages.ts';

/** What a metric counts; tables and figures group and format by it. */
export type MetricKind = 'time' | 'memory' | 'traffic' | 'count' | 'rate' | 'share';

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
  instances_refused: {
    kind: 'count',
    description: 'children that found no memory on their node, and never ran; of scenario cluster',
  },
  requests: {
    kind: 'count',
    description: 'requests that came after the warm-up, however they ended; of scenario service',
  },
  latency_mean_ms: {
    kind: 'time',
    description: 'from the arrival of a request to its end, waiting and starting included: mean',
  },
  latency_p50_ms: {
    kind: 'time',
    description: 'the same, of which half of the requests have less',
  },
  latency_p99_ms: { kind: 'time', description: 'the same, of which 99 % have no more' },
  latency_p999_ms: { kind: 'time', description: 'the same, of which 99.9 % have no more' },
  slowdown_mean: {
    kind: 'count',
    description: "latency over the function's warm latency in local memory: mean over requests",
  },
  slowdown_p50: { kind: 'count', description: 'the same, of which half of the requests have less' },
  slowdown_p99: { kind: 'count', description: 'the same, of which 99 % have no more' },
  slowdown_p999: { kind: 'count', description: 'the same, of which 99.9 % have no more' },
  cold_start_share: {
    kind: 'count',
    description: 'share of served requests whose instance was started from nothing',
  },
  fork_share: {
    kind: 'count',
    description: 'share of served requests whose instance was made of a checkpoint',
  },
  promoted_share: {
    kind: 'count',
    description:
      'share of instances made of checkpoints that were promoted; where the policy knows that',
  },
  unmapped_requests_share: {
    kind: 'count',
    description:
      'requests of a trace that no workload stands for and that are left out, over all of it',
  },
  unmapped_time_share: {
    kind: 'count',
    description: 'time that these compute, over that of all requests of the trace',
  },
  forks_per_s: { kind: 'count', description: 'instances made of checkpoints, a second' },
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
  instances_mean: { kind: 'count', description: 'instances that are there: mean over time' },
  instances_most: { kind: 'count', description: 'the most instances at once' },
  in_system_mean: {
    kind: 'count',
    description: 'requests that wait or are worked on: mean over time',
  },
  cores_used_share: {
    kind: 'count',
    description: 'share of all cores that are held: mean over time',
  },
  device_used_share: {
    kind: 'count',
    description: "share of the device's bandwidth that is asked for: mean over the whole trial",
  },
  ttft_ms: {
    kind: 'time',
    description: 'from the arrival of a request to its first token, mean; of scenario kv-cache',
  },
  ttft_p50_ms: { kind: 'time', description: 'the same, median' },
  ttft_p90_ms: { kind: 'time', description: 'the same, of the slowest tenth the fastest' },
  tpot_ms: {
    kind: 'time',
    description: 'from one token of a request to the next after its first, mean over requests',
  },
  tpot_p50_ms: { kind: 'time', description: 'the same, median' },
  tpot_p90_ms: { kind: 'time', description: 'the same, of the slowest tenth the fastest' },
  latency_ms: {
    kind: 'time',
    description: 'from the arrival of a request to its last token, mean; of scenario kv-cache',
  },
  latency_p90_ms: { kind: 'time', description: 'the same, of the slowest tenth the fastest' },
  fork_round_ms: {
    kind: 'time',
    description:
      'from the end of a trunk until all its branches have their first answers, mean over trunks; of agents whose branches follow a trunk',
  },
  break_even_gb_per_s: {
    kind: 'rate',
    description:
      "bandwidth from which on fetching the first prompt's blocks takes less than computing it, by Mooncake's equation 2 at the GPUs' peaks; of agents",
  },
  unpooled_round_ms: {
    kind: 'time',
    description: 'a fork round whose engine boots first; of thaw',
  },
  sleep_ms: { kind: 'time', description: "an engine's weights written to a file; of thaw" },
  wake_ms: { kind: 'time', description: 'the same read back' },
  capture_ms: { kind: 'time', description: 'the KV blocks of a trunk written to a file; of thaw' },
  kv_restore_ms: { kind: 'time', description: 'the same read into a booted engine, by one alone' },
  kv_memory_mb: {
    kind: 'memory',
    description: 'KV blocks in GPU memory, in use or kept, at most (2^20 bytes)',
  },
  exact_layer_share: {
    kind: 'share',
    description:
      'share of the layers in which what agents share is exactly what each would have computed; of agents with adapters',
  },
  requests_per_s: { kind: 'rate', description: 'requests from the first arrival to the last end' },
  tokens_per_s: { kind: 'rate', description: 'tokens that came out in that time' },
  goodput_per_s: {
    kind: 'rate',
    description: 'requests in that time that met both objectives of the engine',
  },
  found_share: {
    kind: 'share',
    description: 'share of the tokens of prompts that were found and not computed',
  },
  found_host_share: {
    kind: 'share',
    description: 'of these, share of all tokens of prompts that came from the memory of the host',
  },
  found_peer_share: { kind: 'share', description: 'the same, from the memory of another host' },
  found_cxl_share: {
    kind: 'share',
    description: 'the same, from CXL memory, copied from there or read where they are',
  },
  found_nvme_share: { kind: 'share', description: "the same, from the host's disk" },
  host_kv_mb: {
    kind: 'memory',
    description: 'KV blocks in the memory of all hosts, at most (2^20 bytes)',
  },
  nvme_kv_mb: {
    kind: 'memory',
    description: 'KV blocks on disks of all hosts, at most (2^20 bytes)',
  },
  gpu_link_bytes: {
    kind: 'traffic',
    description: 'bytes of KV blocks between GPUs and their hosts, both ways',
  },
  recomputed_share: {
    kind: 'share',
    description:
      'share of the computed tokens of prompts that had been computed before and driven out',
  },
  endless_hit_share: {
    kind: 'share',
    description:
      "share of the prompts' blocks that an earlier prompt had, which a cache without end would find; of traces that tell blocks",
  },
  preemptions: { kind: 'count', description: 'sequences that gave their memory up and began anew' },
  busy_share: { kind: 'share', description: 'share of the time that GPUs compute' },
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
