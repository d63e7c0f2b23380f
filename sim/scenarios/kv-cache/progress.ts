/**
 * How far sequences are: of each eight numbers side by side. Of those that run, `running.ts` has more.
 *
 *     input │ scheduled ────────► known ────► all            tokens; what is known is the prompt and what came out, and
 *                                                             what comes out of steps under way
 */

const word_bits = 3;

/** Tokens of the prompt, and with those of the answer. */
export const input_word = 0;
export const all_word = 1;
/** Tokens that are known, or will be when all steps under way have ended. */
export const known_word = 2;
/** Tokens whose keys and values are computed, or are in a step that is under way. */
export const scheduled_word = 3;
/** Below so many known tokens it gets one more in each step, and there is nothing else to do for it. */
export const settled_word = 4;
/** `epochs_apart` times as often as it was pre-empted: what comes out of steps from before is not its own any more. */
export const epoch_word = 5;
/** Blocks from the first on that stay where they are and are read from there. */
export const attached_word = 6;

/** Where the words of a sequence begin. */
export function beginOf(index: number): number {
  return index << word_bits;
}

export function progressOf(count: number): Int32Array {
  return new Int32Array(count << word_bits);
}

/** Between two epochs there is room for which token comes out of a step. */
export const epochs_apart = 4;
export const is_first = 1;
export const is_last = 2;
