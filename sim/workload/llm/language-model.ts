/** A decoder-only transformer by its sizes, from which the bytes of its weights and of its KV cache follow. */

export interface LanguageModel {
  readonly name: string;
  readonly layers: number;
  /** Width of the hidden state. */
  readonly width: number;
  readonly heads: number;
  /** Fewer than `heads` where several of them share keys and values. */
  readonly kv_heads: number;
  readonly head_width: number;
  /** Width inside the gated feed-forward network, of which there are three matrices. */
  readonly feed_forward_width: number;
  readonly vocabulary: number;
  /** Whether the matrix of the output is that of the input. */
  readonly tied_embeddings: boolean;
  /** Bytes of a weight, and of an element of the KV cache. */
  readonly element_bytes: number;
  /** The longest sequence that it was trained for. */
  readonly context_tokens: number;
  readonly source: string;
}

/** Weights that every token multiplies: all but the table of embeddings. */
export function multipliedWeights(model: LanguageModel): number {
  return model.layers * layerWeights(model) + model.width * model.vocabulary;
}

function layerWeights({ width, heads, kv_heads, head_width, feed_forward_width }: LanguageModel) {
  const query_and_output = 2 * width * heads * head_width;
  const key_and_value = 2 * width * kv_heads * head_width;
  return query_and_output + key_and_value + 3 * width * feed_forward_width;
}

export function weightBytes(model: LanguageModel): number {
  const embeddings = model.tied_embeddings ? 0 : model.width * model.vocabulary;
  return (multipliedWeights(model) + embeddings) * model.element_bytes;
}

/** Keys and values of one token in all layers. */
export function kvBytesPerToken(model: LanguageModel): number {
  return 2 * model.layers * model.kv_heads * model.head_width * model.element_bytes;
}
