/** What one GPU computed stays in its memory until that is needed: vLLM's chained hashes, or SGLang's radix tree. */

import type { CacheMechanism } from '../../mechanism.ts';

export default {
  name: 'prefix-cache',
  description: 'blocks of equal prefixes are shared in the memory of one GPU',
  source:
    'vLLM, vllm/v1/core/{block_pool,kv_cache_manager}.py; Zheng et al., "SGLang: Efficient Execution of Structured Language Model Programs", NeurIPS 2024',
  kept: 'gpu',
  unmodelled: [],
  parameters: {
    index: {
      default: 'hashes',
      unit: 'choice',
      description:
        'how blocks are found and given up: chained hashes with free blocks by last use (vLLM), or a radix tree that gives up its least recently used leaves (SGLang)',
      source: 'both as their code has them',
      choices: ['hashes', 'radix'],
    },
  },
  policies: 'none',
  policy_reason: 'blocks that are found stay where they are',
  reach: 'any-node',
  colour: '#2563eb',
  inapplicable: [],
} satisfies CacheMechanism;
