/** The metrics that every backend reports, each with its unit in its name. */

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
  latency_p50_ms: { kind: 'time', description: 'the same, median' },
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
  found_dram_share: {
    kind: 'share',
    description: 'of these, share of all tokens of prompts that came from the memory of the host',
  },
  found_peer_share: { kind: 'share', description: 'the same, from the memory of another host' },
  found_cxl_share: {
    kind: 'share',
    description: 'the same, from CXL memory, copied from there or read where they are',
  },
  found_nvme_share: { kind: 'share', description: "the same, from the host's disk" },
  host_memory_mb: {
    kind: 'memory',
    description: 'KV blocks in the memory of all hosts, at most (2^20 bytes)',
  },
  nvme_mb: { kind: 'memory', description: 'KV blocks on disks of all hosts, at most (2^20 bytes)' },
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
} as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof metrics;

export const metricNames = Object.keys(metrics) as MetricName[];

/** What one trial measured; a metric that does not apply is absent, never zero. */
export type Measurements = Partial<Record<MetricName, number>>;
