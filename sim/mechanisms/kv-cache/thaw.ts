/**
 * thaw (thaw-ai/thaw, 9a9ebf5): an engine's state as a file. KV blocks of a trunk are captured with one gather a layer, and
 * restored into engines that are booted already; whole engines sleep and wake the same way, weights and all.
 */

import type { CacheMechanism } from '../../mechanism.ts';

const receipts = 'thaw-ai/thaw, commit 9a9ebf5';

export default {
  name: 'thaw',
  description:
    'the blocks of a trunk are captured into a file and restored by a pool of booted engines, which then compute branches alone',
  source: `${receipts}: README, docs/BENCHMARKS.md, site/receipts`,
  kept: 'snapshot',
  unmodelled: [
    'What an engine does between branches but computing: resets, subprocesses, their messages',
    'Two ranks that get into each other’s way elsewhere than on their storage',
  ],
  parameters: {
    captured: {
      default: false,
      unit: 'flag',
      description: 'the trunk was captured before: a later round, which restores only',
      source: 'a first round',
    },
    gathered: {
      default: true,
      unit: 'flag',
      description:
        'capture gathers the blocks of each layer and copies them at once, not slab by slab',
      source: `${receipts}: some 16,000 transfers become one`,
    },
    slab_gb_per_s: {
      default: 0.05,
      unit: 'gb_per_s',
      description: 'bandwidth of capture slab by slab',
      source: `${receipts}: about 50 MB/s`,
      minimum: 0.0001,
      maximum: 1000,
    },
    capture_gb_per_s: {
      default: 3.4,
      unit: 'gb_per_s',
      description: 'bandwidth of the file that capture writes',
      source: `${receipts}: 3.4 GB/s`,
      minimum: 0.001,
      maximum: 1000,
    },
    capture_fixed_ms: {
      default: 310,
      unit: 'ms',
      description: 'capture beside its bytes',
      source: `${receipts}, docs/BENCHMARKS.md: 136 MB in 0.35 s, less 0.04 s for the bytes`,
      minimum: 0,
      maximum: 1e6,
    },
    restore_gb_per_s: {
      default: 14.62,
      unit: 'gb_per_s',
      description: 'bandwidth of reading the file for a restore (O_DIRECT)',
      source: `${receipts}, receipt 2026-06-17: 32B, one GPU`,
      minimum: 0.001,
      maximum: 1000,
    },
    restore_fixed_ms: {
      default: 126,
      unit: 'ms',
      description: 'restore of blocks beside their bytes: the table of hashes, the scheduler',
      source: `${receipts}, docs/BENCHMARKS.md: 136 MB in 0.135 s, less 0.009 s for the bytes`,
      minimum: 0,
      maximum: 1e6,
    },
    crc_gb_per_s: {
      default: 14,
      unit: 'gb_per_s',
      description: 'bandwidth of the parallel checksum',
      source: `${receipts}, site: 14 GB/s at its peak (docs: 30); its cost was never measured (grade C)`,
      minimum: 0.001,
      maximum: 1000,
    },
    storage_gb_per_s: {
      default: 13.7,
      unit: 'gb_per_s',
      description: 'bandwidth of the storage, which all ranks and workers share',
      source: `${receipts}, receipt 2026-06-17: 13,701 MB/s`,
      minimum: 0.001,
      maximum: 1000,
    },
    chunk_mb: {
      default: 64,
      unit: 'mb',
      description: 'chunks of the pipeline, two of which are under way',
      source: `${receipts}: 64 MB`,
      minimum: 1,
      maximum: 65_536,
    },
    sleep_gb_per_s: {
      default: 4.7828,
      unit: 'gb_per_s',
      description: 'bandwidth of a rank that freezes an engine for its sleep',
      source: `${receipts}, receipt sleep_mode_8b_tp1: 16.06 GB in 3.358 s`,
      minimum: 0.001,
      maximum: 1000,
    },
    sleep_fixed_ms: {
      default: 67,
      unit: 'ms',
      description: 'sleep beside that',
      source: `${receipts}, receipt sleep_mode_8b_tp1: 3.425 s in all`,
      minimum: 0,
      maximum: 1e6,
    },
    wake_gb_per_s: {
      default: 1.5392,
      unit: 'gb_per_s',
      description: 'bandwidth of a rank that wakes an engine by way of a mapped file',
      source: `${receipts}, receipt sleep_mode_8b_tp1: 16.06 GB in 10.434 s`,
      minimum: 0.001,
      maximum: 1000,
    },
    wake_fixed_ms: {
      default: 714,
      unit: 'ms',
      description: 'wake beside that',
      source: `${receipts}, receipt sleep_mode_8b_tp1: 11.148 s in all`,
      minimum: 0,
      maximum: 1e6,
    },
    boot_s: {
      default: 340,
      unit: 's',
      description: 'a branch whose engine boots for it, without a pool',
      source: `${receipts}, receipt 2026-04-20: about 340 s for each fork`,
      minimum: 0,
      maximum: 1e6,
    },
    load_s: {
      default: 17.11,
      unit: 's',
      description: 'the parent loads its model',
      source: `${receipts}, receipt 2026-04-20: load_s of 8B (20.57 in sleep_mode_8b_tp1)`,
      minimum: 0,
      maximum: 1e6,
    },
    worker_boot_s: {
      default: 22.326,
      unit: 's',
      description: 'a worker of the pool boots; one after the other',
      source: `${receipts}, receipt 2026-04-20: init_pool_s of one worker; that several boot in turn is inferred`,
      minimum: 0,
      maximum: 1e6,
    },
    pinned_gb_per_s: {
      default: 51.87,
      unit: 'gb_per_s',
      description:
        'bandwidth from pinned memory of the host to a GPU: a swap of weights that lie there',
      source: `${receipts}, receipt 2026-06-17: pcie_h2d_prestaged_ram_gb_s`,
      minimum: 0.001,
      maximum: 1000,
    },
  },
  policies: 'none',
  policy_reason: 'a restore copies all blocks',
  reach: 'any-node',
  colour: '#0891b2',
  inapplicable: [],
} satisfies CacheMechanism;
