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
    while (this.queue_length > 0 && left > 0 && this.running.length < most_sequences) {
      const sequence = this.waiting[this.#head]!;
      const { known_tokens } = sequence;
      const found = this.#memory.begin(sequence, reserve_prompt ? known_tokens : left);
      if (found === undefined) break;
      sequence.scheduled_tokens = found;
      const tokens = Math.min(known_tokens - found, left);
      if (!this.#memory.grow(sequence, found + tokens)) {
        throw new Error('memory that was promised is not there');
      }
      this.#leaveLine();
      this.running.push(sequence);
      this.found_tokens += found;
      sequence.found_tokens += found;
      this.#share(shares, sequence, tokens);
      left -= tokens;
    }
    return left;
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
    this.#memory.end(sequence);
    sequence.scheduled_tokens = 0;
    sequence.pending = 0;
    sequence.epoch += 1;
    this.preempted += 1;
    if (this.#head > 0) {
      this.#head -= 1;
      this.waiting[this.#head] = sequence;
    } else this.waiting.unshift(sequence);
    return share?.tokens ?? 0;
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
