/** Tokens in blocks. Whole numbers throughout: where fractions come between, V8 keeps them and all that follows as such. */

/** Blocks that are full. */
export function fullBlocks(tokens: number, block_tokens: number): number {
  return (tokens / block_tokens) | 0;
}

/** Blocks that have room for all. */
export function blocksFor(tokens: number, block_tokens: number): number {
  return ((tokens + block_tokens - 1) / block_tokens) | 0;
}
