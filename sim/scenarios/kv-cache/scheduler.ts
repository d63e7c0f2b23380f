/**
 * What an engine does next: continuous batching with chunked prefill, by the rules of vLLM's scheduler.
 *
 *     running   a token of each that decodes, or as much of a prompt as the step has left; the last to come gives way
 *               where memory lacks, and waits in front
 *     waiting   first come, first served, while there is memory and room; nobody begins in a step that drove one out
 */

import { ArrayPool } from './array-pool.ts';
import type { KvMemory } from './kv-memory.ts';
import {
  all_word,
  attached_word,
  beginOf,
  epoch_word,
  input_word,
  known_word,
  left_word,
  scheduled_word,
  settled_word,
} from './progress.ts';
import type { Sequence, Sequences } from './sequence.ts';
import { clearStep, emptyStep, type Step } from './step.ts';

export interface Limits {
  readonly most_sequences: number;
  readonly step_tokens: number;
  /** Whether a prompt begins only where all of it fits, or where its first piece does. */
  readonly reserve_prompt: boolean;
}

/** A step, and who gets a token out of it: indexes of sequences, the epoch of each, and with the lowest bit whether it is its first. */
export class Scheduled {
  readonly step: Step = emptyStep();
  /** As many as get one; what is beyond is of earlier steps. */
  readonly outputs: Int32Array;
  readonly epochs: Int32Array;
  /** Sequences that are in it. */
  shares = 0;
  /** When it ends, once it is under way, and how long GPUs compute it. */
  end_ns = Number.NaN;
  time_ns = Number.NaN;

  constructor(most_sequences: number) {
    this.outputs = new Int32Array(most_sequences);
    this.epochs = new Int32Array(most_sequences);
  }

  clear(): void {
    clearStep(this.step);
    this.shares = 0;
  }
}

export class Scheduler {
  readonly #sequences: Sequences;
  readonly #memory: KvMemory;
  readonly #limits: Limits;
  readonly #arrays = new ArrayPool();
  readonly #waiting: Sequence[] = [];
  /** First of those that wait; they are many in overload. */
  #head = 0;
  #loading = 0;
  readonly #loaded: Sequence[] = [];
  /** Indexes of those that run, in the order in which they began. */
  readonly #running: Int32Array;
  #running_count = 0;
  /** Told of each sequence that waits for its blocks, and until when. */
  onLoading: ((sequence: Sequence, ready_ns: number) => void) | undefined;
  preempted = 0;
  /** Tokens of prompts that were computed, and that were found. */
  computed_tokens = 0;
  found_tokens = 0;
  /** Of those computed: once more, after its sequence had been driven out. */
  recomputed_tokens = 0;

  constructor(sequences: Sequences, memory: KvMemory, limits: Limits) {
    this.#sequences = sequences;
    this.#memory = memory;
    this.#limits = limits;
    this.#running = new Int32Array(limits.most_sequences);
  }

  get queue_length(): number {
    return this.#waiting.length - this.#head;
  }

  /** Sequences that run, and those whose blocks are on their way or have come. */
  get running_count(): number {
    return this.#running_count;
  }

  get loading_count(): number {
    return this.#loading + this.#loaded.length;
  }

  /** A step to be filled in. */
  newStep(): Scheduled {
    return new Scheduled(this.#limits.most_sequences);
  }

  submit(sequence: Sequence): void {
    this.#waiting.push(sequence);
  }

  /** Fills in the next step; whether anybody is in it. */
  schedule(next: Scheduled): boolean {
    next.clear();
    const before = this.preempted;
    const left = this.#continue(next);
    if (this.preempted === before) this.#admit(next, left);
    return next.shares > 0;
  }

  /** What came out of a step; `onDone` is told of each sequence that has all its tokens. */
  collect(ended: Scheduled, now_ns: number, onDone: (sequence: Sequence) => void): void {
    const { outputs, epochs, step } = ended;
    const { progress: numbers, all } = this.#sequences;
    for (let i = 0; i < step.sequences; i += 1) {
      const index = outputs[i]!;
      const begin = beginOf(index);
      const epoch = epochs[i]!;
      if (numbers[begin + epoch_word] !== (epoch & ~1)) continue;
      const left = numbers[begin + left_word]! - 1;
      numbers[begin + left_word] = left;
      if ((epoch & 1) === 1) all[index]!.first_token_ns = now_ns;
      if (left > 0) continue;
      const sequence = all[index]!;
      sequence.done_ns = now_ns;
      this.#finish(sequence);
      onDone(sequence);
    }
  }

  #finish(sequence: Sequence): void {
    const running = this.#running;
    const at = running.indexOf(sequence.index);
    running.copyWithin(at, at + 1, this.#running_count);
    this.#running_count -= 1;
    this.#memory.end(sequence);
    sequence.close(this.#arrays);
  }

  /** Those that run; how many tokens the step has room for after that. */
  #continue(next: Scheduled): number {
    const numbers = this.#sequences.progress;
    const running = this.#running;
    const { step, outputs, epochs } = next;
    let left = this.#limits.step_tokens;
    let count = 0;
    let decodes = 0;
    let context_sum = 0;
    let longest = 0;
    for (let i = 0; i < this.#running_count && left > 0; i += 1) {
      const index = running[i]!;
      const begin = beginOf(index);
      const known = numbers[begin + known_word]!;
      if (known < numbers[begin + settled_word]!) {
        numbers[begin + scheduled_word] = known;
        numbers[begin + known_word] = known + 1;
        outputs[count] = index;
        epochs[count] = numbers[begin + epoch_word]!;
        count += 1;
        decodes += 1;
        context_sum += known;
        if (known > longest) longest = known;
        left -= 1;
        continue;
      }
      step.sequences = count;
      const tokens = this.#goOn(next, i, left);
      if (tokens === -1) break;
      left -= tokens;
      count = step.sequences;
    }
    step.sequences = count;
    step.decodes += decodes;
    step.context_sum += context_sum;
    if (longest > step.longest_context) step.longest_context = longest;
    next.shares += decodes;
    return left;
  }

  /** The one that runs at `place`, with at most so many tokens; how many, or -1 where it gave way itself. */
  #goOn(next: Scheduled, place: number, most: number): number {
    const index = this.#running[place]!;
    const sequence = this.#sequences.all[index]!;
    const { known_tokens, scheduled_tokens: from } = sequence;
    const tokens = Math.min(known_tokens - from, most);
    // Or its last token comes out of a step that is under way.
    if (tokens === 0 || (tokens === 1 && known_tokens >= sequence.all_tokens)) return 0;
    while (!this.#memory.grow(sequence, from + tokens)) {
      this.#running_count -= 1;
      this.#giveUp(this.#sequences.all[this.#running[this.#running_count]!]!);
      if (this.#running_count <= place) return -1;
    }
    this.#share(next, index, tokens);
    return tokens;
  }

  #admit(next: Scheduled, tokens_left: number): void {
    const { most_sequences, reserve_prompt } = this.#limits;
    let left = tokens_left;
    while (left > 0 && this.#running_count < most_sequences) {
      const sequence = this.#loaded.shift() ?? this.#next(reserve_prompt ? undefined : left);
      if (sequence === undefined) break;
      const { known_tokens, scheduled_tokens: from } = sequence;
      const tokens = Math.min(known_tokens - from, left);
      if (!this.#growLoaded(sequence, from + tokens)) {
        this.#loaded.unshift(sequence);
        break;
      }
      this.#running[this.#running_count++] = sequence.index;
      this.#share(next, sequence.index, tokens);
      left -= tokens;
    }
  }

  /** Whether there is still room for it; others took what there was meanwhile, and give way where nothing runs. */
  #growLoaded(sequence: Sequence, tokens: number): boolean {
    while (!this.#memory.grow(sequence, tokens)) {
      if (this.#running_count > 0) return false;
      const other = this.#loaded.pop();
      if (other === undefined) return false;
      this.#giveUp(other);
    }
    return true;
  }

  /** The first in line that can begin now; those whose blocks are on their way come back when these have come. */
  #next(piece: number | undefined): Sequence | undefined {
    while (this.queue_length > 0) {
      const sequence = this.#waiting[this.#head]!;
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
    if (2 * this.#head <= this.#waiting.length) return;
    this.#waiting.splice(0, this.#head);
    this.#head = 0;
  }

  /** So many tokens of the sequence are in the step. */
  #share(next: Scheduled, index: number, tokens: number): void {
    const numbers = this.#sequences.progress;
    const begin = beginOf(index);
    const from = numbers[begin + scheduled_word]!;
    const input = numbers[begin + input_word]!;
    const known = numbers[begin + known_word]!;
    const epoch = numbers[begin + epoch_word]!;
    const { step } = next;
    const all = from + tokens;
    numbers[begin + scheduled_word] = all;
    next.shares += 1;
    if (from < input) this.computed_tokens += tokens;
    if (tokens === 1 && from >= input) {
      step.decodes += 1;
      step.context_sum += all;
      if (all > step.longest_context) step.longest_context = all;
    } else {
      step.prompt_tokens.push(tokens);
      step.prompt_contexts.push(from);
      if (epoch > 0) this.recomputed_tokens += tokens;
    }
    const last = numbers[begin + all_word]!;
    const attached = numbers[begin + attached_word]!;
    step.attached_blocks += attached;
    const comes_out = all === known;
    // From here on a token a step, but for what is read elsewhere in each.
    const goes_on = comes_out && all >= input && attached === 0;
    numbers[begin + settled_word] = goes_on ? Math.min(numbers[begin + settled_word]!, last) : 0;
    // All that is known of it is scheduled, and so one more comes out.
    if (!comes_out) return;
    numbers[begin + known_word] = known + 1;
    next.outputs[step.sequences] = index;
    next.epochs[step.sequences] = epoch + Number(known === input);
    step.sequences += 1;
  }

  /** A sequence gives its memory up, and is the first in line again. */
  #giveUp(sequence: Sequence): void {
    this.#memory.end(sequence);
    sequence.restart();
    this.preempted += 1;
    if (this.#head > 0) {
      this.#head -= 1;
      this.#waiting[this.#head] = sequence;
    } else this.#waiting.unshift(sequence);
  }
}
