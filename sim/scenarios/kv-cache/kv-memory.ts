/** Where an engine's keys and values lie: what its scheduler asks, whatever keeps them. */

import type { Sequence } from './sequence.ts';

export interface KvMemory {
  /** Tokens that fit, in all. */
  readonly capacity_tokens: number;
  /**
   * A sequence begins: what is there of it is held, and whether there is room for `piece` tokens more, or as many as it
   * has. How many tokens need not be computed; `undefined` where there is no room.
   */
  begin(sequence: Sequence, piece: number): number | undefined;
  /** Makes room for so many tokens of it, of which all but those of the last block can be found from now on. */
  grow(sequence: Sequence, tokens: number): boolean;
  /** The sequence needs its blocks no longer; they can be found until their memory is needed. */
  end(sequence: Sequence): void;
  /** Bytes in use by sequences, and those that only wait to be found. */
  readonly held_tokens: number;
  readonly cached_tokens: number;
  /** All is given back: recounts what it has. */
  audit(): void;
}
