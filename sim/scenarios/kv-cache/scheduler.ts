/**
 * What an engine does next: continuous batching with chunked prefill, by the rules of vLLM's scheduler.
 *
 *     running   a token of each that decodes, or as much of a prompt as the step has left; the last to come gives way
 *               where memory lacks, and waits in front
 *     waiting   first come, first served, while there is memory and room; nobody begins in a step that drove one out
 */

import { ArrayPool } from './array-pool.ts';
import type { KvMemory } from './kv-memory.ts';
import type { Sequence } from './sequence.ts';
import { clearStep, emptyStep, type Step } from './step.ts';

export interface Limits {
  readonly most_sequences: number;
  readonly step_tokens: number;
  /** Whether a prompt begins only where all of it fits, or where its first piece does. */
  readonly reserve_prompt: boolean;
}

/** A step, and who gets a token out of it, with the epoch of each. */
export class Scheduled {
  readonly step: Step = emptyStep();
  /** As many as get one; what is beyond is of earlier steps. */
  readonly outputs: Sequence[] = [];
  readonly epochs: number[] = [];
  /** Sequences that are in it. */
  shares = 0;
  /** When it ends, once it is under way. */
  end_ns = Number.NaN;

  clear(): void {
    clearStep(this.step);
    this.shares = 0;
  }
}

export class Scheduler {
  readonly waiting: Sequence[] = [];
  readonly running: Sequence[] = [];
  readonly #memory: KvMemory;
  readonly #limits: Limits;
  readonly #arrays = new ArrayPool();
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

  /** Fills in the next step; whether anybody is in it. */
  schedule(next: Scheduled): boolean {
    next.clear();
    const before = this.preempted;
    const left = this.#continue(next);
    if (this.preempted === before) this.#admit(next, left);
    return next.shares > 0;
  }

  /** A sequence has all its tokens. */
  finish(sequence: Sequence): void {
    this.running.splice(this.running.indexOf(sequence), 1);
    this.#memory.end(sequence);
    sequence.close(this.#arrays);
  }

  #continue(next: Scheduled): number {
    const { running } = this;
    let left = this.#limits.step_tokens;
    for (let i = 0; i < running.length && left > 0; i += 1) {
      const sequence = running[i]!;
      const { known_tokens, scheduled_tokens: from } = sequence;
      // Its last token comes out of a step that is under way.
      if (known_tokens >= sequence.all_tokens && from >= known_tokens - 1) continue;
      const tokens = known_tokens - from < left ? known_tokens - from : left;
      if (tokens === 0) continue;
      if (from + tokens >= sequence.settled_tokens) {
        while (!this.#memory.grow(sequence, from + tokens)) {
          this.#giveUp(running.pop()!);
          if (running.length <= i) return left;
        }
      }
      this.#share(next, sequence, tokens);
      left -= tokens;
    }
    return left;
  }

  #admit(next: Scheduled, tokens_left: number): void {
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
      this.#share(next, sequence, tokens);
      left -= tokens;
    }
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
      sequence.open(this.#arrays);
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
    this.#loaded.push(sequence);
  }

  #leaveLine(): void {
    this.#head += 1;
    if (2 * this.#head <= this.waiting.length) return;
    this.waiting.splice(0, this.#head);
    this.#head = 0;
  }

  #share(next: Scheduled, sequence: Sequence, tokens: number): void {
    const { scheduled_tokens: from, input_tokens, known_tokens } = sequence;
    const { step } = next;
    const all = from + tokens;
    sequence.scheduled_tokens = all;
    next.shares += 1;
    step.attached_blocks += sequence.attached_blocks;
    if (from < input_tokens) this.computed_tokens += tokens;
    // One more token of a sequence of which all before is there, or a piece of a prompt.
    if (tokens === 1 && from >= input_tokens) {
      step.decodes += 1;
      step.context_sum += all;
      if (all > step.longest_context) step.longest_context = all;
    } else {
      step.prompt_tokens.push(tokens);
      step.prompt_contexts.push(from);
      if (sequence.epoch > 0) this.recomputed_tokens += tokens;
    }
    // All that is known of it is scheduled, and so one more comes out.
    if (all < known_tokens) return;
    sequence.pending += 1;
    next.outputs[step.sequences] = sequence;
    next.epochs[step.sequences] = sequence.epoch;
    step.sequences += 1;
  }

  /** A sequence gives its memory up, and is the first in line again. */
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
