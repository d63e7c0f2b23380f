/** Blocks in the GPU memory of other hosts are copied from there over the network. */

import type { CacheMechanism } from '../../mechanism.ts';

export default {
  name: 'peer-cache',
  description: 'blocks that another host has in host memory are copied from there over the network',
  source: 'LMCache, peer-to-peer sharing; Mooncake transfer engine (FAST 2025)',
  kept: 'peers',
  unmodelled: ['The index of blocks: looking there takes no time'],
  parameters: {
    host_memory_mb: {
      default: 65_536,
      unit: 'mb',
      description: 'memory of a host for blocks, 2^20 bytes',
      source: 'a choice: an eighth of a server with 512 GiB',
      minimum: 1,
      maximum: 2 ** 30,
    },
    network_gb_per_s: {
      default: 25,
      unit: 'gb_per_s',
      description: 'bandwidth of the network of a host, each way',
      source: 'one port of 200 Gbit/s',
      minimum: 0.001,
      maximum: 1000,
    },
    network_latency_us: {
      default: 5,
      unit: 'us',
      description: 'latency of a transfer over it',
      source: 'RDMA over one switch, with its completion',
      minimum: 0,
      maximum: 1e6,
    },
  },
  policies: 'none',
  policy_reason: 'blocks that are found are copied into GPU memory',
  reach: 'any-node',
  colour: '#9333ea',
  inapplicable: [],
} satisfies CacheMechanism;
