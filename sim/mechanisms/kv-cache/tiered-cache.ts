/** Blocks that leave GPU memory stay in the memory of the host, in CXL memory, and on a disk, and are copied back from there. */

import type { CacheMechanism } from '../../mechanism.ts';

export default {
  name: 'tiered-cache',
  description:
    'blocks go down from GPU memory to host memory, CXL memory and NVMe, and are copied up when they are found',
  source: 'LMCache; SGLang HiCache; Mooncake Store (FAST 2025)',
  kept: 'tiers',
  unmodelled: [
    'The index of blocks below GPU memory: looking there takes no time',
    'Copies layer by layer beside computing: a request begins when all its blocks have come',
  ],
  parameters: {
    host_memory_mb: {
      default: 65_536,
      unit: 'mb',
      description: 'memory of a host for blocks, 2^20 bytes; 0: none',
      source: 'a choice: an eighth of a server with 512 GiB',
      minimum: 0,
      maximum: 2 ** 30,
    },
    cxl_memory_mb: {
      default: 0,
      unit: 'mb',
      description: 'CXL memory of all hosts together for blocks, 2^20 bytes; 0: none',
      source: 'none unless asked for',
      minimum: 0,
      maximum: 2 ** 30,
    },
    nvme_mb: {
      default: 0,
      unit: 'mb',
      description: 'disk of a host for blocks, 2^20 bytes; 0: none',
      source: 'none unless asked for',
      minimum: 0,
      maximum: 2 ** 34,
    },
    nvme_gb_per_s: {
      default: 13.7,
      unit: 'gb_per_s',
      description: 'bandwidth of that disk, reads and writes',
      source: 'thaw receipt 2026-06-17, local NVMe of an H100 host: 13,701 MB/s',
      minimum: 0.001,
      maximum: 1000,
    },
  },
  policies: 'none',
  policy_reason: 'blocks that are found are copied into GPU memory',
  reach: 'any-node',
  colour: '#d97706',
  inapplicable: [],
} satisfies CacheMechanism;
