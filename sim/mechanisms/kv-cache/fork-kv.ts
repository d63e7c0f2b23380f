/**
 * ForkKV (Wang et al., arXiv 2604.06370): agents with adapters of their own share the keys and values of the bare model, and
 * each keeps only what its adapter adds. Only the abstract and readings of others were at hand; what is inferred says so.
 */

import type { CacheMechanism } from '../../mechanism.ts';

export default {
  name: 'fork-kv',
  description:
    'agents with adapters share base blocks; each has residual blocks of its own, of the adapter’s rank, copied on write',
  source: 'Wang et al., "ForkKV", arXiv 2604.06370: abstract, and two re-implementations by others',
  kept: 'base-and-residual',
  unmodelled: [
    'What answers lose: sharing is exact below the first layer whose keys and values an adapter changes, and approximate above (exact_layer_share)',
    'Attention over base and residual: its kernel takes no longer than that over whole keys and values',
  ],
  parameters: {
    adapted_from_layer: {
      default: 0,
      unit: 'count',
      description: 'the first layer that adapters change; there are residuals from there on',
      source: 'a choice: all layers, the usual of LoRA',
      minimum: 0,
      maximum: 1000,
    },
    residual_work: {
      default: 'projection',
      unit: 'choice',
      description:
        'what an agent computes of a prefix whose base is there and whose residual is not: its low-rank products alone (as shares of the model’s width), or all of the model',
      source:
        'inferred: readings of the paper call it cheap, r/d of the work; whole layers would be exact',
      choices: ['projection', 'forward'],
    },
  },
  policies: 'none',
  policy_reason: 'blocks that are found stay where they are',
  reach: 'any-node',
  colour: '#db2777',
  inapplicable: [],
} satisfies CacheMechanism;
