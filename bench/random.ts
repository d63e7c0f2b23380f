/** Xorshift of 32 bits: cheap enough not to be what is measured, and the same in the C baselines (`baselines/random.h`). */

export function xorshift(seed = 12345): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}
