/** One pool of blocks in CXL memory that all hosts read: attached where they are, or copied into GPU memory, as a policy says. */

import type { CacheMechanism } from '../../mechanism.ts';

export default {
  name: 'kv-pool',
  description:
    'all hosts find blocks in one pool in CXL memory; a tiering policy says which are copied to the GPU and which are read where they are',
  source:
    'ours; xcena-dev/maru (4fd29ce) shares KV caches of hosts in CXL memory and copies what is found',
  kept: 'pool',
  unmodelled: [
    'The index of the pool: looking there takes no time, and all hosts see what one has written as soon as it is computed',
    'Coherence: blocks never change, and no host flushes anything',
    'Attention that reads attached blocks while it computes: reading adds to the step',
  ],
  parameters: {
    pool_mb: {
      default: 524_288,
      unit: 'mb',
      description: 'CXL memory for blocks, 2^20 bytes',
      source: 'a choice: 512 GiB, two expanders of 256 GiB',
      minimum: 1,
      maximum: 2 ** 34,
    },
  },
  policies: 'any',
  reach: 'any-node',
  colour: '#059669',
  inapplicable: [],
} satisfies CacheMechanism;
