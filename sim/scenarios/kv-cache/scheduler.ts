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
  epochs_apart,
  input_word,
  is_first,
  is_last,
  known_word,
  scheduled_word,
  settled_word,
} from './progress.ts';
import { Running } from './running.ts';
import type { Sequence, Sequences } from './sequence.ts';
import { clearStep, emptyStep, type Step } from './step.ts';

export interface Limits {
  readonly most_sequences: number;
  readonly step_tokens: number;
  /** Whether a prompt begins only where all of it fits, or where its first piece does. */
  readonly reserve_prompt: boolean;
}

/**
 * The most steps that may be under way: of a sequence that gives way, only the last of them may have a token that has not
 * come out.
 */
export const most_steps_ahead = 2;

/** A step, and whose first or last token comes out of it: indexes of sequences, and the epoch of each with which of both it is. */
export class Scheduled {
  readonly step: Step = emptyStep();
  readonly ends: number[] = [];
  readonly epochs: number[] = [];
  /** Sequences that are in it. */
  shares = 0;
  /** When it ends, once it is under way, and how long GPUs compute it. */
  end_ns = Number.NaN;
  time_ns = Number.NaN;

  clear(): void {
    clearStep(this.step);
    if (this.ends.length > 0) {
      this.ends.length = 0;
      this.epochs.length = 0;
    }
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
  readonly #running: Running;
  /** Steps that were scheduled, and those of them that have ended. */
  #scheduled = 0;
  #ended = 0;
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
    this.#running = new Running(limits.most_sequences);
  }

  get queue_length(): number {
    return this.#waiting.length - this.#head;
  }

  /** Sequences that run, and those whose blocks are on their way or have come. */
  get running_count(): number {
    return this.#running.count;
  }

  get loading_count(): number {
    return this.#loading + this.#loaded.length;
  }

  submit(sequence: Sequence): void {
    this.#waiting.push(sequence);
  }

  /** Fills in the next step; whether anybody is in it, and then it is under way. */
  schedule(next: Scheduled): boolean {
    for (;;) {
      next.clear();
      const before = this.preempted;
      const left = this.#continue(next);
      if (this.preempted === before) this.#admit(next, left);
      if (next.shares > 0) break;
      // All that ran gave way to those whose blocks have come: it is their turn, as nothing else would wake them.
      if (this.preempted === before || this.#scheduled > this.#ended) return false;
    }
    this.#scheduled += 1;
    return true;
  }

  /** What came out of a step, in the order of steps; `onDone` is told of each sequence that has all its tokens. */
  collect(ended: Scheduled, now_ns: number, onDone: (sequence: Sequence) => void): void {
    const { ends, epochs } = ended;
    const { progress: numbers, all } = this.#sequences;
    this.#ended += 1;
    for (let i = 0; i < ends.length; i += 1) {
      const index = ends[i]!;
      const epoch = epochs[i]!;
      const which = epoch % epochs_apart;
      if (numbers[beginOf(index) + epoch_word] !== epoch - which) continue;
      const sequence = all[index]!;
      if ((which & is_first) !== 0) sequence.first_token_ns = now_ns;
      if ((which & is_last) === 0) continue;
      sequence.done_ns = now_ns;
      this.#finish(sequence);
      onDone(sequence);
    }
  }

  #finish(sequence: Sequence): void {
    const place = this.#running.place(sequence.index);
    this.#tell(place);
    this.#running.remove(place);
    this.#memory.end(sequence);
    sequence.close(this.#arrays);
  }

  /** Those that run; how many tokens the step has room for after that. */
  #continue(next: Scheduled): number {
    const running = this.#running;
    const { known, settled } = running;
    const { step } = next;
    let left = this.#limits.step_tokens;
    let place = 0;
    while (place < running.count && left > 0) {
      const first = place;
      const end = Math.min(running.count, first + left);
      let context_sum = 0;
      let longest = step.longest_context;
      for (; place < end; place += 1) {
        const tokens = known[place]!;
        if (tokens >= settled[place]! && !this.#settle(next, place, tokens)) break;
        known[place] = tokens + 1;
        context_sum += tokens;
        if (tokens > longest) longest = tokens;
      }
      const decodes = place - first;
      step.sequences += decodes;
      step.decodes += decodes;
      step.context_sum += context_sum;
      step.longest_context = longest;
      next.shares += decodes;
      left -= decodes;
      if (place === end) continue;
      const tokens = this.#goOn(next, place, left);
      if (tokens === -1) break;
      left -= tokens;
      place += 1;
    }
    // The step has no room for the others.
    for (; place < running.count; place += 1) running.since[place] = this.#scheduled + 2;
    return left;
  }

  /** Whether the sequence at `place`, which got a token in the step before and knows so many, gets one more and no other is driven out. */
  #settle(next: Scheduled, place: number, tokens: number): boolean {
    const { index: indexes, settled, last } = this.#running;
    if (settled[place] === 0 || tokens >= last[place]!) return false;
    const numbers = this.#sequences.progress;
    const index = indexes[place]!;
    const begin = beginOf(index);
    if (tokens >= numbers[begin + settled_word]!) {
      numbers[begin + known_word] = tokens;
      numbers[begin + scheduled_word] = tokens - 1;
      if (!this.#memory.grow(this.#sequences.all[index]!, tokens)) return false;
    }
    settled[place] = Math.min(numbers[begin + settled_word]!, last[place]! - 1);
    if (tokens + 1 < last[place]!) return true;
    next.ends.push(index);
    next.epochs.push(numbers[begin + epoch_word]! + is_last);
    return true;
  }

  /** The one that runs at `place`, with at most so many tokens; how many, or -1 where it gave way itself. */
  #goOn(next: Scheduled, place: number, most: number): number {
    const running = this.#running;
    const index = running.index[place]!;
    const sequence = this.#sequences.all[index]!;
    this.#tell(place);
    const { known_tokens, scheduled_tokens: from } = sequence;
    const tokens = Math.min(known_tokens - from, most);
    // Or its last token comes out of a step that is under way.
    if (tokens === 0 || (tokens === 1 && known_tokens >= sequence.all_tokens)) return 0;
    while (!this.#memory.grow(sequence, from + tokens)) {
      this.#giveWay(running.count - 1);
      if (running.count <= place) return -1;
    }
    this.#share(next, place, tokens);
    return tokens;
  }

  #admit(next: Scheduled, tokens_left: number): void {
    const { most_sequences, reserve_prompt } = this.#limits;
    let left = tokens_left;
    while (left > 0 && this.#running.count < most_sequences) {
      const sequence = this.#loaded.shift() ?? this.#next(reserve_prompt ? undefined : left);
      if (sequence === undefined) break;
      const { known_tokens, scheduled_tokens: from } = sequence;
      const tokens = Math.min(known_tokens - from, left);
      if (!this.#growLoaded(sequence, from + tokens)) {
        this.#loaded.unshift(sequence);
        break;
      }
      this.#share(next, this.#running.append(sequence.index, this.#scheduled + 1), tokens);
      left -= tokens;
    }
  }

  /** Whether there is still room for it; others took what there was meanwhile, and give way where nothing runs. */
  #growLoaded(sequence: Sequence, tokens: number): boolean {
    while (!this.#memory.grow(sequence, tokens)) {
      if (this.#running.count > 0) return false;
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

  /** So many tokens of the sequence at `place` are in the step. */
  #share(next: Scheduled, place: number, tokens: number): void {
    const running = this.#running;
    const numbers = this.#sequences.progress;
    const index = running.index[place]!;
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
    if (all < known) {
      running.known[place] = known;
      running.since[place] = this.#scheduled + 2;
      return;
    }
    // All that is known of it is scheduled, and so one more comes out.
    numbers[begin + known_word] = known + 1;
    running.known[place] = known + 1;
    // From here on a token a step, but for the last of all, and what is read elsewhere in each.
    const goes_on = all >= input && attached === 0;
    running.last[place] = last;
    running.settled[place] = goes_on ? Math.min(numbers[begin + settled_word]!, last - 1) : 0;
    step.sequences += 1;
    const which = (known === input ? is_first : 0) | (known + 1 === last ? is_last : 0);
    if (which === 0) return;
    next.ends.push(index);
    next.epochs.push(epoch + which);
  }

  /** What the columns know of a sequence that got a token in each step. */
  #tell(place: number): void {
    const { index, known } = this.#running;
    const begin = beginOf(index[place]!);
    const numbers = this.#sequences.progress;
    const tokens = known[place]!;
    if (numbers[begin + known_word] === tokens) return;
    numbers[begin + known_word] = tokens;
    numbers[begin + scheduled_word] = tokens - 1;
  }

  /** The one that runs at `place`, which is the last, gives its memory up. */
  #giveWay(place: number): void {
    const running = this.#running;
    this.#tell(place);
    running.count = place;
    const sequence = this.#sequences.all[running.index[place]!]!;
    const is_under_way = this.#scheduled > this.#ended && running.since[place]! <= this.#scheduled;
    if (is_under_way) sequence.known_tokens -= 1;
    this.#giveUp(sequence);
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
