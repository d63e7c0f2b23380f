/** Llama 3.1, 70 billion parameters. */

import type { LanguageModel } from '../language-model.ts';

export default {
  name: 'llama-3.1-70b',
  layers: 80,
  width: 8192,
  heads: 64,
  kv_heads: 8,
  head_width: 128,
  feed_forward_width: 28_672,
  vocabulary: 128_256,
  tied_embeddings: false,
  element_bytes: 2,
  context_tokens: 131_072,
  source: 'config.json of meta-llama/Llama-3.1-70B',
} satisfies LanguageModel;
