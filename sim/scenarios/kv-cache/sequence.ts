/** A request while an engine has it: which blocks it holds, and how far it is. */

import type { Requests } from '../../workload/llm/requests.ts';

/** Identities of blocks that only their own request knows begin here; those of workloads are below. */
const own_identities = 2 ** 40;
/** No sequence has more blocks. */
const most_blocks = 2 ** 20;

export class Sequence {
  readonly index: number;
  readonly requests: Requests;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly agent: number;
  /** Tokens whose keys and values are computed, or are in a step that is under way. */
  scheduled_tokens = 0;
  /** Tokens that came out, and steps under way that give one more each. */
  generated = 0;
  pending = 0;
  /** Counts how often it was pre-empted: what comes out of steps from before is not its own any more. */
  epoch = 0;
  /** Blocks held, in order. */
  readonly blocks: number[] = [];
  /** Of the scheduled tokens, those that were not computed: found in GPU memory, or brought from elsewhere. */
  found_tokens = 0;
  /** Blocks from the first on that stay where they are and are read from there. */
  attached_blocks = 0;
  arrived_ns = 0;
  first_token_ns = Number.NaN;
  done_ns = Number.NaN;

  constructor(requests: Requests, index: number) {
    this.requests = requests;
    this.index = index;
    this.input_tokens = requests.input_tokens[index]!;
    this.output_tokens = requests.output_tokens[index]!;
    this.agent = requests.agent?.[index] ?? -1;
  }

  /** Tokens that are known, or will be when all steps under way have ended. */
  get known_tokens(): number {
    return this.input_tokens + this.generated + this.pending;
  }

  get is_done(): boolean {
    return this.generated === this.output_tokens;
  }

  /**
   * Identity of its block `index` of `block_tokens`: the workload's as far as it tells them, else its own, under which a
   * pre-empted request finds its blocks again.
   */
  identity(index: number, block_tokens: number): number {
    const { identity_tokens, identity_start, identities, told_tokens } = this.requests;
    if (identity_tokens > 0 && (index + 1) * block_tokens <= told_tokens[this.index]!) {
      const parts = identity_tokens / block_tokens;
      const at = identity_start[this.index]! + Math.floor(index / parts);
      if (at < identity_start[this.index + 1]!) return identities[at]! * parts + (index % parts);
    }
    return own_identities + this.index * most_blocks + index;
  }
}
