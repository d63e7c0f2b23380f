/** Llama 3.1, 8 billion parameters. */

import type { LanguageModel } from '../language-model.ts';

export default {
  name: 'llama-3.1-8b',
  layers: 32,
  width: 4096,
  heads: 32,
  kv_heads: 8,
  head_width: 128,
  feed_forward_width: 14_336,
  vocabulary: 128_256,
  tied_embeddings: false,
  element_bytes: 2,
  context_tokens: 131_072,
  source: 'config.json of meta-llama/Llama-3.1-8B',
} satisfies LanguageModel;
