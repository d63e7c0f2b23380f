/** A request while an engine has it: which blocks it holds, and how far it is. */

import type { Requests } from '../../workload/llm/requests.ts';
import type { ArrayPool } from './array-pool.ts';
import { blocksFor, fullBlocks } from './block-size.ts';
import {
  all_word,
  attached_word,
  beginOf,
  epoch_word,
  epochs_apart,
  input_word,
  known_word,
  progressOf,
  scheduled_word,
  settled_word,
} from './progress.ts';

const nothing: Int32Array = new Int32Array(0);

export class Sequence {
  readonly index: number;
  readonly requests: Requests;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly all_tokens: number;
  readonly agent: number;
  /**
   * Identities of its blocks while an engine has it: the workload's as far as it tells them, else its own, under which a
   * pre-empted request finds its blocks again.
   */
  identities = nothing;
  /** Blocks held, in order. */
  blocks = nothing;
  block_count = 0;
  /** Of the scheduled tokens, those that were not computed: found in GPU memory, or brought from elsewhere. */
  found_tokens = 0;
  arrived_ns = Number.NaN;
  first_token_ns = Number.NaN;
  done_ns = Number.NaN;

  /** How far it is, with others. */
  readonly #progress: Int32Array;
  readonly #begin: number;
  readonly #block_tokens: number;
  readonly #own_identity: number;
  #is_open = false;

  /** Identities of its own begin at `own_identity`. */
  constructor(
    requests: Requests,
    index: number,
    numbers: Int32Array,
    block_tokens: number,
    own_identity: number,
  ) {
    this.requests = requests;
    this.index = index;
    this.#progress = numbers;
    this.#begin = beginOf(index);
    this.input_tokens = requests.input_tokens[index]!;
    this.output_tokens = requests.output_tokens[index]!;
    this.all_tokens = this.input_tokens + this.output_tokens;
    this.agent = requests.agent?.[index] ?? -1;
    this.#block_tokens = block_tokens;
    this.#own_identity = own_identity;
    numbers[this.#begin + input_word] = this.input_tokens;
    numbers[this.#begin + known_word] = this.input_tokens;
    numbers[this.#begin + all_word] = this.all_tokens;
  }

  /** An engine begins with it. */
  open(arrays: ArrayPool): void {
    if (this.#is_open) return;
    this.#is_open = true;
    const count = blocksFor(this.all_tokens, this.#block_tokens);
    this.identities = arrays.take(count);
    this.blocks = arrays.take(count);
    this.#tellBlocks(count);
  }

  /** It is done, and holds nothing. */
  close(arrays: ArrayPool): void {
    this.#is_open = false;
    arrays.give(this.identities);
    arrays.give(this.blocks);
    this.identities = nothing;
    this.blocks = nothing;
  }

  #tellBlocks(count: number): void {
    const { index, identities: own } = this;
    const { identity_tokens, identity_start, identities, told_tokens } = this.requests;
    const parts = fullBlocks(identity_tokens, this.#block_tokens);
    const start = identity_start[index]!;
    const told = Math.min(
      fullBlocks(told_tokens[index]!, this.#block_tokens),
      (identity_start[index + 1]! - start) * parts,
      count,
    );
    let at = 0;
    for (let whole = start; at < told; whole += 1) {
      const first = identities[whole]! * parts;
      for (let part = 0; part < parts && at < told; part += 1) own[at++] = first + part;
    }
    for (; at < count; at += 1) own[at] = this.#own_identity + at;
  }

  get known_tokens(): number {
    return this.#progress[this.#begin + known_word]!;
  }

  set known_tokens(tokens: number) {
    this.#progress[this.#begin + known_word] = tokens;
  }

  get scheduled_tokens(): number {
    return this.#progress[this.#begin + scheduled_word]!;
  }

  set scheduled_tokens(tokens: number) {
    this.#progress[this.#begin + scheduled_word] = tokens;
  }

  /** Memory has nothing to do for it before it has so many tokens. */
  set settled_tokens(tokens: number) {
    this.#progress[this.#begin + settled_word] = tokens;
  }

  get attached_blocks(): number {
    return this.#progress[this.#begin + attached_word]!;
  }

  set attached_blocks(blocks: number) {
    this.#progress[this.#begin + attached_word] = blocks;
  }

  get is_done(): boolean {
    return !Number.isNaN(this.done_ns);
  }

  /** All its memory is gone, and it begins anew, with the tokens that came out. */
  restart(): void {
    this.#progress[this.#begin + scheduled_word] = 0;
    this.#progress[this.#begin + epoch_word]! += epochs_apart;
  }
}

/** All requests of a trial, and how far they are. */
export interface Sequences {
  readonly all: readonly Sequence[];
  readonly progress: Int32Array;
}

/** All requests, each with identities of its own behind those of the workload. */
export function sequencesOf(requests: Requests, block_tokens: number): Sequences {
  let own = toldIdentities(requests, block_tokens) | 0;
  const numbers = progressOf(requests.count);
  const all = Array.from({ length: requests.count }, (_, index) => {
    const sequence = new Sequence(requests, index, numbers, block_tokens, own);
    own += blocksOf(requests, index, block_tokens);
    return sequence;
  });
  return { all, progress: numbers };
}

/** Identities of blocks, those of the workload and those of requests themselves. */
export function identityCount(requests: Requests, block_tokens: number): number {
  let all = toldIdentities(requests, block_tokens);
  for (let index = 0; index < requests.count; index += 1) {
    all += blocksOf(requests, index, block_tokens);
  }
  return all;
}

/** Blocks that a request has when all its tokens are there. */
function blocksOf({ input_tokens, output_tokens }: Requests, index: number, size: number) {
  return blocksFor(input_tokens[index]! + output_tokens[index]!, size);
}

/** How many blocks of a size the identities of a workload stand for. */
function toldIdentities({ identity_tokens, identity_count }: Requests, size: number) {
  return identity_tokens === 0 ? 0 : identity_count * (identity_tokens / size);
}
