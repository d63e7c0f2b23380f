/** A request while an engine has it: which blocks it holds, and how far it is. */

import type { Requests } from '../../workload/llm/requests.ts';
import type { ArrayPool } from './array-pool.ts';
import { blocksFor, fullBlocks } from './block-size.ts';

const nothing: Int32Array = new Int32Array(0);

export class Sequence {
  readonly index: number;
  readonly requests: Requests;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly all_tokens: number;
  readonly agent: number;
  /** Tokens whose keys and values are computed, or are in a step that is under way. */
  scheduled_tokens = 0;
  /** Tokens that came out, and steps under way that give one more each. */
  generated = 0;
  pending = 0;
  /** Counts how often it was pre-empted: what comes out of steps from before is not its own any more. */
  epoch = 0;
  /**
   * Identities of its blocks while an engine has it: the workload's as far as it tells them, else its own, under which a
   * pre-empted request finds its blocks again.
   */
  identities = nothing;
  /** Blocks held, in order. */
  blocks = nothing;
  block_count = 0;
  /** Memory has nothing to do for it before it has so many tokens. */
  settled_tokens = 0;
  /** Of the scheduled tokens, those that were not computed: found in GPU memory, or brought from elsewhere. */
  found_tokens = 0;
  /** Blocks from the first on that stay where they are and are read from there. */
  attached_blocks = 0;
  arrived_ns = Number.NaN;
  first_token_ns = Number.NaN;
  done_ns = Number.NaN;

  readonly #block_tokens: number;
  readonly #own_identity: number;
  #is_open = false;

  /** Identities of its own begin at `own_identity`. */
  constructor(requests: Requests, index: number, block_tokens: number, own_identity: number) {
    this.requests = requests;
    this.index = index;
    this.input_tokens = requests.input_tokens[index]!;
    this.output_tokens = requests.output_tokens[index]!;
    this.all_tokens = this.input_tokens + this.output_tokens;
    this.agent = requests.agent?.[index] ?? -1;
    this.#block_tokens = block_tokens;
    this.#own_identity = own_identity;
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

  /** Tokens that are known, or will be when all steps under way have ended. */
  get known_tokens(): number {
    return this.input_tokens + this.generated + this.pending;
  }

  get is_done(): boolean {
    return this.generated === this.output_tokens;
  }
}

/** All requests, each with identities of its own behind those of the workload. */
export function sequencesOf(requests: Requests, block_tokens: number): Sequence[] {
  let own = toldIdentities(requests, block_tokens) | 0;
  return Array.from({ length: requests.count }, (_, index) => {
    const sequence = new Sequence(requests, index, block_tokens, own);
    own += blocksOf(requests, index, block_tokens);
    return sequence;
  });
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
