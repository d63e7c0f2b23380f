/** Where an engine's keys and values lie: what its scheduler asks, whatever keeps them. */

import type { Sequence } from './sequence.ts';

export interface Begun {
  /** Tokens that need not be computed. */
  readonly found_tokens: number;
  /** When those have come that are on their way; absent where none is. */
  readonly ready_ns?: number;
}

export interface KvMemory {
  /** Blocks that sequences hold, and those with the ones that are kept; of the latter the most there were. */
  readonly used_blocks: number;
  readonly filled_blocks: number;
  readonly most_blocks: number;
  /**
   * A sequence begins: what is there of it is held, and whether there is room for `piece` tokens more, or as many as it
   * has; `undefined` where there is not.
   */
  begin(sequence: Sequence, piece: number): Begun | undefined;
  /**
   * Makes room for so many tokens of it, of which all but those of the last block can be found from now on. Sets from how
   * many tokens on it has something to do again.
   */
  grow(sequence: Sequence, tokens: number): boolean;
  /** The sequence needs its blocks no longer; they can be found until their memory is needed. */
  end(sequence: Sequence): void;
  /** All is given back: recounts what it has. */
  audit(): void;
}
