/**
 * A serving engine as one would write it down: lists of requests and of blocks, looked through from the beginning each time.
 * Nothing is skipped, remembered or kept in columns; what the model does faster must come to the same.
 */

import type { Limits } from '../../../sim/scenarios/kv-cache/scheduler.ts';
import { emptyStep, type Step } from '../../../sim/scenarios/kv-cache/step.ts';

export interface NaiveRequest {
  readonly arrival_ns: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
  /** Of the full blocks of its prompt. */
  readonly identities: readonly number[];
}

export interface NaiveOptions extends Limits {
  readonly blocks: number;
  readonly block_tokens: number;
  readonly steps_ahead: number;
  /** Whether requests find the blocks of others. */
  readonly finds: boolean;
  readonly cost: (step: Step) => number;
}

interface Block {
  holders: number;
  /** What it has, once it is full. */
  identity: string | undefined;
}

class State {
  readonly request: NaiveRequest;
  readonly name: number;
  /** Tokens of the answer that came out, and whether one more is in a step under way. */
  out = 0;
  in_flight = 0;
  scheduled = 0;
  blocks: Block[] = [];
  times_driven_out = 0;
  first_token_ns = Number.NaN;
  done_ns = Number.NaN;

  constructor(request: NaiveRequest, name: number) {
    this.request = request;
    this.name = name;
  }

  get known(): number {
    return this.request.input_tokens + this.out + this.in_flight;
  }

  get all(): number {
    return this.request.input_tokens + this.request.output_tokens;
  }

  identity(block: number): string {
    const told = this.request.identities[block];
    return told === undefined ? `${this.name}, ${block}` : `all, ${told}`;
  }
}

interface UnderWay {
  readonly end_ns: number;
  readonly tokens: readonly { readonly state: State; readonly life: number }[];
}

export interface NaiveOutcome {
  readonly first_token_ns: readonly number[];
  readonly done_ns: readonly number[];
  readonly preempted: number;
  readonly found_tokens: number;
}

export function naiveEngine(
  requests: readonly NaiveRequest[],
  options: NaiveOptions,
): NaiveOutcome {
  const { block_tokens: size, finds, most_sequences, step_tokens, reserve_prompt } = options;
  const states = requests.map((request, name) => new State(request, name));
  const to_come = [...states];
  const waiting: State[] = [];
  const running: State[] = [];
  const memory: Block[] = Array.from({ length: options.blocks }, () => ({
    holders: 0,
    identity: undefined,
  }));
  /** Blocks that nobody holds, in the order in which they are taken. */
  const free = [...memory];
  let preempted = 0;
  let found_tokens = 0;

  const found = (state: State): Block[] => {
    const blocks: Block[] = [];
    for (let i = 0; finds && (i + 1) * size < state.known; i += 1) {
      const block = memory.find(({ identity }) => identity === state.identity(i));
      if (block === undefined) break;
      blocks.push(block);
    }
    return blocks;
  };
  const hold = (block: Block) => {
    if (block.holders === 0) free.splice(free.indexOf(block), 1);
    block.holders += 1;
  };
  const releaseAll = (state: State) => {
    for (const block of state.blocks.reverse()) {
      block.holders -= 1;
      if (block.holders > 0) continue;
      if (block.identity === undefined) free.unshift(block);
      else free.push(block);
    }
    state.blocks = [];
  };
  /** Whether so many of its tokens have room; full blocks can be found from then on. */
  const grow = (state: State, tokens: number): boolean => {
    const needed = Math.ceil(tokens / size) - state.blocks.length;
    if (needed > free.length) return false;
    for (let i = 0; i < needed; i += 1) {
      const block = free[0]!;
      hold(block);
      block.identity = undefined;
      state.blocks.push(block);
    }
    // Once, when it becomes full: what another block has then is found there.
    for (let i = Math.floor(state.scheduled / size); finds && (i + 1) * size <= tokens; i += 1) {
      const identity = state.identity(i);
      const block = state.blocks[i]!;
      if (block.identity !== undefined || memory.some((each) => each.identity === identity)) {
        continue;
      }
      block.identity = identity;
    }
    return true;
  };
  const driveOutLast = () => {
    const state = running.pop()!;
    releaseAll(state);
    state.in_flight = 0;
    state.scheduled = 0;
    state.times_driven_out += 1;
    waiting.unshift(state);
    preempted += 1;
  };

  const share = (step: Step, tokens: { state: State; life: number }[], state: State, n: number) => {
    const from = state.scheduled;
    state.scheduled += n;
    if (n === 1 && from >= state.request.input_tokens) {
      step.decodes += 1;
      step.context_sum += state.scheduled;
      step.longest_context = Math.max(step.longest_context, state.scheduled);
    } else {
      step.prompt_tokens.push(n);
      step.prompt_contexts.push(from);
    }
    if (state.scheduled < state.known) return;
    step.sequences += 1;
    state.in_flight += 1;
    tokens.push({ state, life: state.times_driven_out });
  };

  /** The next step; nothing where nobody is in it. */
  const schedule = (under_way: number) => {
    for (;;) {
      const step = emptyStep();
      const tokens: { state: State; life: number }[] = [];
      let left = step_tokens;
      let driven_out = false;
      for (let i = 0; i < running.length && left > 0; i += 1) {
        const state = running[i]!;
        // The last token's own keys and values are never needed.
        const n = Math.min(Math.min(state.known, state.all - 1) - state.scheduled, left);
        if (n <= 0) continue;
        while (running.includes(state) && !grow(state, state.scheduled + n)) {
          driven_out = true;
          driveOutLast();
        }
        if (!running.includes(state)) break;
        share(step, tokens, state, n);
        left -= n;
      }
      while (!driven_out && left > 0 && running.length < most_sequences && waiting.length > 0) {
        const state = waiting[0]!;
        const blocks = found(state);
        const wanted = blocks.length * size + (reserve_prompt ? state.known : left);
        const needed = Math.ceil(Math.min(state.known, wanted) / size) - blocks.length;
        const others = free.filter((block) => !blocks.includes(block));
        if (needed > others.length) break;
        waiting.shift();
        for (const block of blocks) hold(block);
        state.blocks = blocks;
        state.scheduled = blocks.length * size;
        found_tokens += state.scheduled;
        const n = Math.min(state.known - state.scheduled, left);
        grow(state, state.scheduled + n);
        running.push(state);
        share(step, tokens, state, n);
        left -= n;
      }
      if (step.prompt_tokens.length + step.decodes > 0) return { step, tokens };
      if (!driven_out || under_way > 0) return undefined;
    }
  };

  let now_ns = 0;
  let gpu_free_ns = 0;
  const under_way: UnderWay[] = [];
  const arrive = () => {
    while (to_come.length > 0 && to_come[0]!.request.arrival_ns <= now_ns) {
      waiting.push(to_come.shift()!);
    }
  };
  for (;;) {
    arrive();
    while (under_way.length < options.steps_ahead) {
      const next = schedule(under_way.length);
      if (next === undefined) break;
      gpu_free_ns = Math.max(gpu_free_ns, now_ns) + options.cost(next.step);
      under_way.push({ end_ns: gpu_free_ns, tokens: next.tokens });
    }
    const ended = under_way.shift();
    if (ended === undefined) {
      if (to_come.length === 0) break;
      now_ns = to_come[0]!.request.arrival_ns;
      continue;
    }
    now_ns = ended.end_ns;
    // What came until now is there when the next step is scheduled.
    arrive();
    for (const { state, life } of ended.tokens) {
      if (state.times_driven_out !== life) continue;
      state.in_flight -= 1;
      state.out += 1;
      if (state.out === 1) state.first_token_ns = now_ns;
      if (state.out < state.request.output_tokens) continue;
      state.done_ns = now_ns;
      running.splice(running.indexOf(state), 1);
      releaseAll(state);
    }
  }
  return {
    first_token_ns: states.map((state) => state.first_token_ns),
    done_ns: states.map((state) => state.done_ns),
    preempted,
    found_tokens,
  };
}
