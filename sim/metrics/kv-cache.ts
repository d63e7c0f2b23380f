/** What engines of language models measure. */

import type { MetricDefinitions } from './definition.ts';

export const engineMetrics = {
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
  cold_round_ms: {
    kind: 'time',
    description:
      'a first fork round with all before it: the parent loads, the pool boots, the trunk is computed; of thaw',
  },
  hot_swap_ms: {
    kind: 'time',
    description: "an engine's weights from pinned memory of its host; of thaw",
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
  found_gpu_share: {
    kind: 'share',
    description: 'of these, share of all tokens of prompts that were in GPU memory already',
  },
  found_dram_share: {
    kind: 'share',
    description: 'the same, that came from the memory of the host',
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
  network_bytes: {
    kind: 'traffic',
    description: 'bytes of KV blocks from the memory of one host into the GPU of another',
  },
  nvme_bytes: {
    kind: 'traffic',
    description: 'bytes of KV blocks to and from disks, or the files of snapshots',
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
} as const satisfies MetricDefinitions;
