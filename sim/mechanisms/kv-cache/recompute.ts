/** No cache between requests: each computes all of its prompt. */

import type { CacheMechanism } from '../../mechanism.ts';

export default {
  name: 'recompute',
  description: 'each request computes the keys and values of its whole prompt',
  source: 'vLLM without prefix caching',
  kept: 'nowhere',
  unmodelled: [],
  parameters: {},
  policies: 'none',
  policy_reason: 'nothing is kept that could move',
  reach: 'any-node',
  colour: '#6b7280',
  inapplicable: [],
} satisfies CacheMechanism;
