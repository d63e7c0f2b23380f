/** Answers claims: the model's number, how far it is off, and the verdict. */

import type { Claim } from './claim.ts';
import { CannotRun, type Context } from './hows/how.ts';
import type { MeasuredExperiment } from './measured.ts';
import { errorOf, isWithin } from './tolerance.ts';

export const verdicts = {
  holds: 'the model is within the tolerance, and was not told the number',
  fitted: 'within the tolerance, and a parameter was fitted to it: no prediction',
  input: 'within the tolerance, and it was given to the model: no prediction',
  misses: 'the model is further off than the tolerance',
  'cannot run': 'the simulator has no answer, and says why',
} as const;

export type Verdict = keyof typeof verdicts;

/** Verdicts that may not be lost. */
export const kept: ReadonlySet<Verdict> = new Set(['holds', 'fitted', 'input']);

export interface Answer {
  readonly claim: Claim;
  readonly verdict: Verdict;
  /** Absent where it cannot run. */
  readonly modelled?: number;
  readonly error?: number;
  /** Why it cannot run. */
  readonly reason?: string;
  /** What the null model says, where there is one. */
  readonly guessed?: number;
  readonly guess_error?: number;
}

export function answerOf(
  claim: Claim,
  experiments: ReadonlyMap<string, MeasuredExperiment>,
  folder: string,
): Answer {
  const ask = ({ how, content, where }: Claim['model']): number => {
    const value = how.answer(content, { experiments, folder, where } satisfies Context);
    if (!Number.isFinite(value)) throw new CannotRun(`the model's answer is ${value}`);
    return value;
  };
  try {
    const modelled = ask(claim.model);
    const { published, tolerance, used } = claim;
    const met = isWithin(published, tolerance, modelled);
    return {
      claim,
      verdict: met ? (used ?? 'holds') : 'misses',
      modelled,
      error: errorOf(published, tolerance, modelled),
      ...guessOf(claim, ask),
    };
  } catch (error) {
    if (!(error instanceof CannotRun)) throw error;
    return { claim, verdict: 'cannot run', reason: error.message };
  }
}

function guessOf(
  { null_model, published, tolerance }: Claim,
  ask: (asked: Claim['model']) => number,
): Partial<Answer> {
  if (null_model === undefined) return {};
  const guessed = ask(null_model);
  return { guessed, guess_error: errorOf(published, tolerance, guessed) };
}
