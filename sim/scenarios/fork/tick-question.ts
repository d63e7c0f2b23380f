/** A tick's question to a policy, and what of its answer is carried out, in whichever world the child runs. */

import type { Complaint } from '../../input/complaint.ts';
import { thrownLine } from '../../input/quoted.ts';
import { PolicyError } from '../../placements.ts';
import type { Policy, TickAnswer, TickView } from '../../policy.ts';
import type { PolicyHost } from './policy-host.ts';
import { checkTickAnswer } from './tick-answer.ts';

/** Pages of an answer that a budget leaves room for: promotions first. */
export interface Moves extends TickAnswer {
  /** Pages beyond it, which stay. */
  readonly over_budget: number;
}

/** Asks about a child of so many pages; a policy that throws, or answers anything but lists of them, fails the trial. */
export function askTick(
  host: PolicyHost,
  view: TickView,
  budget_pages: number,
  page_count: number,
): Moves {
  return host.ask((policy) => {
    const answer = answerOf(host, policy, view, budget_pages, page_count);
    return withinBudget(answer, budget_pages);
  });
}

function answerOf(
  { name, values }: PolicyHost,
  policy: Policy,
  view: TickView,
  budget_pages: number,
  page_count: number,
): TickAnswer {
  let answer: unknown;
  let wrong: Complaint | undefined;
  try {
    answer = policy.tick!(view, budget_pages, values);
    wrong = checkTickAnswer(answer, page_count);
  } catch (error) {
    throw new PolicyError(`policy ${name}: tick threw: ${thrownLine(error)}`);
  }
  if (wrong === undefined) return answer as TickAnswer;
  throw new PolicyError(`policy ${name}: tick ${wrong.what}; ${wrong.expected}`);
}

function withinBudget({ promote: up, demote: down }: TickAnswer, budget_pages: number): Moves {
  const promote = up.slice(0, budget_pages);
  const demote = down.slice(0, budget_pages - promote.length);
  const over_budget = up.length + down.length - promote.length - demote.length;
  return { promote, demote, over_budget };
}

/** An answer that would lose what the child wrote, or drop what is not there. */
export function noCleanCopy({ name }: PolicyHost, index: number): PolicyError {
  return new PolicyError(
    `policy ${name}: tick demotes page ${index}, which is no clean local copy; ` +
      'demote only pages with local and clean set',
  );
}
