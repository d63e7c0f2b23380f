/**
 * Requests to engines, as many arrays as they have properties: traces have tens of thousands, each with hundreds of blocks.
 *
 *     tokens     │ block 0 │ block 1 │ block 2 │ rest │ answer …
 *     identity   │    7    │    8    │   93    │  94  │          equal where all tokens up to there are equal,
 *                                                               also of another request
 *
 * Identities are numbers from 0 in the order in which they are first seen, whatever a trace calls them.
 */

export const most_requests = 5_000_000;
/** Two months: simulated time is a whole number of nanoseconds, and ends after 104 days. */
export const longest_s = 5_000_000;

export interface Requests {
  readonly count: number;
  /** When each comes; of one that follows another, how long after the end of that. In order, those that follow none. */
  readonly arrival_ns: Float64Array;
  readonly input_tokens: Int32Array;
  readonly output_tokens: Int32Array;
  /** Tokens of a block that has an identity; 0 where none has. */
  readonly identity_tokens: number;
  /** Identities of request `i`: `[identity_start[i], identity_start[i + 1])` of `identities`. */
  readonly identities: Int32Array;
  /** Different ones. */
  readonly identity_count: number;
  readonly identity_start: Int32Array;
  /** So far they hold: the prompt, or the answer, too. */
  readonly told_tokens: Int32Array;
  /** The request whose end it waits for, or -1; absent where none waits. */
  readonly follows?: Int32Array;
  /** Whose adapter it is computed with, from 0; absent where all use the bare model. */
  readonly agent?: Int32Array;
}

export interface OneRequest {
  readonly arrival_ns: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly identities?: readonly number[];
  readonly told_tokens?: number;
  readonly follows?: number;
  readonly agent?: number;
}

export function requestsOf(all: readonly OneRequest[], identity_tokens = 0): Requests {
  const identity_start = new Int32Array(all.length + 1);
  for (const [index, { identities = [] }] of all.entries()) {
    identity_start[index + 1] = identity_start[index]! + identities.length;
  }
  const { identities, identity_count } = numbered(all, identity_start[all.length]!);
  return {
    count: all.length,
    arrival_ns: Float64Array.from(all, ({ arrival_ns }) => arrival_ns),
    input_tokens: Int32Array.from(all, ({ input_tokens }) => input_tokens),
    output_tokens: Int32Array.from(all, ({ output_tokens }) => output_tokens),
    identity_tokens,
    identities,
    identity_count,
    identity_start,
    told_tokens: Int32Array.from(
      all,
      ({ told_tokens, input_tokens }) => told_tokens ?? input_tokens,
    ),
    ...(all.some(({ follows }) => follows !== undefined) && {
      follows: Int32Array.from(all, ({ follows }) => follows ?? -1),
    }),
    ...(all.some(({ agent }) => agent !== undefined) && {
      agent: Int32Array.from(all, ({ agent }) => agent ?? -1),
    }),
  };
}

/** A table of so many places for each identity that is told is smaller than a map of them. */
const places_each = 8;

/** Identities by the order in which they are first seen. */
function numbered(all: readonly OneRequest[], told: number) {
  const identities = new Int32Array(told);
  const numbers = numbersOf(all, told);
  let identity_count = 0;
  let at = 0;
  for (const { identities: own = [] } of all) {
    for (const each of own) {
      let number = numbers.get(each);
      if (number === undefined) {
        number = identity_count++;
        numbers.set(each, number);
      }
      identities[at++] = number;
    }
  }
  return { identities, identity_count };
}

/** A number for each identity: a map, which holds some 16 million, or a table where they are small. */
function numbersOf(
  all: readonly OneRequest[],
  told: number,
): Pick<Map<number, number>, 'get' | 'set'> {
  let largest = 0;
  for (const { identities = [] } of all) {
    for (const each of identities) if (each > largest) largest = each;
  }
  if (largest >= places_each * told) return new Map();
  const table = new Int32Array(largest + 1).fill(-1);
  return {
    get: (identity) => (table[identity] === -1 ? undefined : table[identity]),
    set(identity, number) {
      table[identity] = number;
      return this as never;
    },
  };
}

/** Share of the prompts' blocks that an earlier prompt had: what a cache finds that never forgets. */
export function endlessHitShare({
  count,
  identities,
  identity_count,
  identity_start,
  told_tokens,
  input_tokens,
}: Requests) {
  const seen = new Uint8Array(identity_count);
  let found = 0;
  let all = 0;
  for (let i = 0; i < count; i += 1) {
    const start = identity_start[i]!;
    const told = identity_start[i + 1]! - start;
    const blocks =
      told_tokens[i] === input_tokens[i]
        ? told
        : Math.floor((told * input_tokens[i]!) / told_tokens[i]!);
    for (let k = start; k < start + blocks; k += 1) found += seen[identities[k]!]!;
    for (let k = start; k < start + told; k += 1) seen[identities[k]!] = 1;
    all += blocks;
  }
  return all === 0 ? undefined : found / all;
}
