/** What an engine computes in one step: pieces of prompts, and a token of each sequence that decodes. */

export interface Step {
  /** Tokens of prompts and what precedes each piece, by piece. */
  readonly prompt_tokens: number[];
  readonly prompt_contexts: number[];
  /** Sequences that decode, their contexts added up, and the longest. */
  decodes: number;
  context_sum: number;
  longest_context: number;
  /** Sequences that get a token. */
  sequences: number;
  /** Blocks that are read outside GPU memory, each once for each sequence that has it. */
  attached_blocks: number;
}

export function emptyStep(): Step {
  return {
    prompt_tokens: [],
    prompt_contexts: [],
    decodes: 0,
    context_sum: 0,
    longest_context: 0,
    sequences: 0,
    attached_blocks: 0,
  };
}

export function clearStep(step: Step): void {
  // An array that is cut gives its memory back.
  if (step.prompt_tokens.length > 0) {
    step.prompt_tokens.length = 0;
    step.prompt_contexts.length = 0;
  }
  step.decodes = 0;
  step.context_sum = 0;
  step.longest_context = 0;
  step.sequences = 0;
  step.attached_blocks = 0;
}

export function promptTokens({ prompt_tokens }: Step): number {
  let sum = 0;
  for (const tokens of prompt_tokens) sum += tokens;
  return sum;
}

/**
 * The context of one piece of `tokens` that would attend to as much as all pieces do: a token attends to what precedes it,
 * in its own prompt.
 */
export function equivalentContext(step: Step, tokens: number): number {
  const { prompt_tokens, prompt_contexts } = step;
  let pairs = 0;
  for (let i = 0; i < prompt_tokens.length; i += 1) {
    pairs += prompt_tokens[i]! * (prompt_contexts[i]! + prompt_tokens[i]! / 2);
  }
  return tokens === 0 ? 0 : Math.max(0, pairs / tokens - tokens / 2);
}

/** How long steps take. */
export interface StepCost {
  /** `measured`, or `roofline`. */
  readonly kind: 'measured' | 'roofline';
  step_ns(step: Step): number;
}
