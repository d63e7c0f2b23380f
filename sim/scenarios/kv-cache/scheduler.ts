/**
 * What an engine does next: continuous batching with chunked prefill, by the rules of vLLM's scheduler.
 *
 *     running   a token of each that decodes, or as much of a prompt as the step has left; the last to come gives way
 *               where memory lacks, and waits in front
 *     waiting   first come, first served, while there is memory and room; nobody begins in a step that drove one out
 */

import type { KvMemory } from './kv-memory.ts';
import type { Sequence } from './sequence.ts';
import { emptyStep, type Step } from './step.ts';

export interface Limits {
  readonly most_sequences: number;
  readonly step_tokens: number;
  /** Whether a prompt begins only where all of it fits, or where its first piece does. */
  readonly reserve_prompt: boolean;
}

/** A sequence in a step: how many tokens, from where on, and whether a token comes out. */
interface Share {
  readonly sequence: Sequence;
  readonly tokens: number;
  readonly from: number;
}

/** A token that comes out of a step. */
export interface Output {
  readonly sequence: Sequence;
  readonly epoch: number;
}

export interface Scheduled {
  readonly step: Step;
  readonly outputs: readonly Output[];
  /** When it ends, once it is under way. */
  end_ns: number;
}

export class Scheduler {
  readonly waiting: Sequence[] = [];
  readonly running: Sequence[] = [];
  readonly #memory: KvMemory;
  readonly #limits: Limits;
  /** First of those that wait; they are many in overload. */
  #head = 0;
  #loading = 0;
  readonly #loaded: Sequence[] = [];
  /** Told of each sequence that waits for its blocks, and until when. */
  onLoading: ((sequence: Sequence, ready_ns: number) => void) | undefined;
  preempted = 0;
  /** Tokens of prompts that were computed, and that were found. */
  computed_tokens = 0;
  found_tokens = 0;
  /** Of those computed: once more, after its sequence had been driven out. */
  recomputed_tokens = 0;

  constructor(memory: KvMemory, limits: Limits) {
    this.#memory = memory;
    this.#limits = limits;
  }

  get queue_length(): number {
    return this.waiting.length - this.#head;
  }

  submit(sequence: Sequence): void {
    this.waiting.push(sequence);
  }

  /** The next step; nothing where nobody can be computed. */
  schedule(): Scheduled | undefined {
    const shares: Share[] = [];
    const before = this.preempted;
    let left = this.#continue(shares);
    if (this.preempted === before) left = this.#admit(shares, left);
    return shares.length === 0 ? undefined : scheduled(shares);
  }

  /** A sequence has all its tokens. */
  finish(sequence: Sequence): void {
    this.running.splice(this.running.indexOf(sequence), 1);
    this.#memory.end(sequence);
  }

  #continue(shares: Share[]): number {
    let left = this.#limits.step_tokens;
    for (let i = 0; i < this.running.length && left > 0; i += 1) {
      const sequence = this.running[i]!;
      const { known_tokens, scheduled_tokens: from, input_tokens, output_tokens } = sequence;
      // Its last token comes out of a step that is under way.
      if (known_tokens >= input_tokens + output_tokens && from >= known_tokens - 1) continue;
      const tokens = Math.min(known_tokens - from, left);
      if (tokens === 0) continue;
      while (!this.#memory.grow(sequence, from + tokens)) {
        left += this.#driveOut(shares);
        if (this.running.length <= i) return left;
      }
      this.#share(shares, sequence, tokens);
      left -= tokens;
    }
    return left;
  }

  #admit(shares: Share[], tokens_left: number): number {
    const { most_sequences, reserve_prompt } = this.#limits;
    let left = tokens_left;
    while (left > 0 && this.running.length < most_sequences) {
      const sequence = this.#loaded.shift() ?? this.#next(reserve_prompt ? undefined : left);
      if (sequence === undefined) break;
      const { known_tokens, scheduled_tokens: from } = sequence;
      const tokens = Math.min(known_tokens - from, left);
      if (!this.#growLoaded(sequence, from + tokens)) {
        this.#loaded.unshift(sequence);
        break;
      }
      this.running.push(sequence);
      this.#share(shares, sequence, tokens);
      left -= tokens;
    }
    return left;
  }

  /** Whether there is still room for it; others took what there was meanwhile, and give way where nothing runs. */
  #growLoaded(sequence: Sequence, tokens: number): boolean {
    while (!this.#memory.grow(sequence, tokens)) {
      if (this.running.length > 0) return false;
      const other = this.#loaded.pop();
      if (other === undefined) return false;
      this.#giveUp(other);
    }
    return true;
  }

  /** The first in line that can begin now; those whose blocks are on their way come back when these have come. */
  #next(piece: number | undefined): Sequence | undefined {
    while (this.queue_length > 0) {
      const sequence = this.waiting[this.#head]!;
      const begun = this.#memory.begin(sequence, piece ?? sequence.known_tokens);
      if (begun === undefined) return undefined;
      this.#leaveLine();
      const { found_tokens, ready_ns } = begun;
      sequence.scheduled_tokens = found_tokens;
      sequence.found_tokens += found_tokens;
      this.found_tokens += found_tokens;
      if (ready_ns === undefined) return sequence;
      this.#loading += 1;
      this.onLoading?.(sequence, ready_ns);
    }
    return undefined;
  }

  /** What was on its way to the sequence has come. */
  arrived(sequence: Sequence): void {
    this.#loading -= 1;
    this.#memory.arrive?.(sequence);
    this.#loaded.push(sequence);
  }

  #leaveLine(): void {
    this.#head += 1;
    if (2 * this.#head <= this.waiting.length) return;
    this.waiting.splice(0, this.#head);
    this.#head = 0;
  }

  #share(shares: Share[], sequence: Sequence, tokens: number): void {
    const from = sequence.scheduled_tokens;
    shares.push({ sequence, tokens, from });
    sequence.scheduled_tokens = from + tokens;
    if (from < sequence.input_tokens) this.computed_tokens += tokens;
    if (sequence.epoch > 0 && !decodes(sequence, tokens, from)) this.recomputed_tokens += tokens;
    if (sequence.scheduled_tokens === sequence.known_tokens) sequence.pending += 1;
  }

  /** The last to come gives its memory up; how many tokens of the step are free by that. */
  #driveOut(shares: Share[]): number {
    const sequence = this.running.pop()!;
    const own = shares.findIndex((share) => share.sequence === sequence);
    const [share] = own === -1 ? [] : shares.splice(own, 1);
    this.#giveUp(sequence);
    return share?.tokens ?? 0;
  }

  #giveUp(sequence: Sequence): void {
    this.#memory.end(sequence);
    sequence.scheduled_tokens = 0;
    sequence.pending = 0;
    sequence.epoch += 1;
    this.preempted += 1;
    if (this.#head > 0) {
      this.#head -= 1;
      this.waiting[this.#head] = sequence;
    } else this.waiting.unshift(sequence);
  }
}

/** Whether it is one more token of a sequence of which all before is there, rather than a piece of a prompt. */
function decodes({ input_tokens }: Sequence, tokens: number, from: number): boolean {
  return tokens === 1 && from >= input_tokens;
}

function scheduled(shares: readonly Share[]): Scheduled {
  const step = emptyStep();
  const outputs: Output[] = [];
  for (const { sequence, tokens, from } of shares) {
    step.attached_blocks += sequence.attached_blocks;
    if (decodes(sequence, tokens, from)) {
      step.decodes += 1;
      step.context_sum += from + 1;
      if (from >= step.longest_context) step.longest_context = from + 1;
    } else {
      step.prompt_tokens.push(tokens);
      step.prompt_contexts.push(from);
    }
    // All that is known of it is scheduled, and so one more comes out.
    if (sequence.scheduled_tokens === sequence.known_tokens - 1 && sequence.pending > 0) {
      outputs.push({ sequence, epoch: sequence.epoch });
    }
  }
  step.sequences = outputs.length;
  return { step, outputs, end_ns: Number.NaN };
}
