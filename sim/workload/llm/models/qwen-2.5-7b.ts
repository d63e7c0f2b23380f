/** Qwen 2.5, 7 billion parameters. */

import type { LanguageModel } from '../language-model.ts';

export default {
  name: 'qwen-2.5-7b',
  layers: 28,
  width: 3584,
  heads: 28,
  kv_heads: 4,
  head_width: 128,
  feed_forward_width: 18_944,
  vocabulary: 152_064,
  tied_embeddings: false,
  element_bytes: 2,
  context_tokens: 32_768,
  source: 'config.json of Qwen/Qwen2.5-7B-Instruct',
} satisfies LanguageModel;
