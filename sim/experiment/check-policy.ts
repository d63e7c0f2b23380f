/** Tries a policy with every kind of page and with views of a child, before the first trial. */

import type { PolicyReference } from '../backend.ts';
import { positionIn } from '../backends/own-policies.ts';
import { NoAnswer, policy_limit_ms, withinLimit } from '../backends/stoppable.ts';
import type { Complaint } from '../input/complaint.ts';
import { InputError } from '../input/input-error.ts';
import { nearest } from '../input/nearest.ts';
import { quoted, thrownLine } from '../input/quoted.ts';
import { Refusals } from '../input/refusals.ts';
import { pageText } from '../page-view.ts';
import type { Values } from '../parameters.ts';
import { type Page, type Policy, placements, type TickAnswer } from '../policy.ts';
import { checkTickAnswer } from '../scenarios/fork/tick-answer.ts';
import {
  leafSamples,
  pageSamples,
  type ViewSample,
  viewSamples,
  watchedPage,
} from './policy-samples.ts';
import { UnknownKeys } from './unknown-keys.ts';

export interface CheckedPolicy {
  readonly policy: Policy;
  readonly reference: PolicyReference;
  /** The file as messages name it. */
  readonly shown: string;
}

/** What is known to be sound, by policy: with these values and budget. */
const sound = new WeakMap<Policy, Set<string>>();

/**
 * Asks the policy about every kind of page, and for a tick over every kind of view, each twice: it must answer,
 * with what it may answer, and the same; and it may read only what is there,
 * and write nothing. What was found sound is not asked again: other experiments may name the same policy.
 */
export function checkPolicy(
  checked: CheckedPolicy,
  values: Values,
  budget_pages: number,
  limit_ms = policy_limit_ms,
): void {
  const { policy, reference, shown } = checked;
  const known = sound.get(policy) ?? new Set();
  const about = JSON.stringify([values, budget_pages]);
  if (known.has(about)) return;
  const keys = new UnknownKeys();
  const watched = keys.watch({ ...values }, 'parameters');
  const asked = (ask: (policy: Policy) => void) => {
    try {
      withinLimit(policy, reference, ask, limit_ms);
    } catch (error) {
      refuseUnknown(keys, checked);
      if (!(error instanceof NoAnswer)) throw error;
      const what = error.what.startsWith('place') ? 'an answer for every page' : 'an answer';
      throw new InputError(shown, error.what, `expected ${what}`);
    }
    refuseUnknown(keys, checked);
  };
  asked((noting) => askForPlaces(noting, checked, watched, keys));
  if (policy.tick !== undefined) {
    asked((noting) => askForTicks(noting, checked, watched, budget_pages, keys));
  }
  sound.set(policy, known.add(about));
}

/** What was read and is not there, and what was written, explains whatever else went wrong. */
function refuseUnknown(keys: UnknownKeys, { reference: { path }, shown }: CheckedPolicy): void {
  const refusals = new Refusals(shown);
  for (const { what, expected, at } of keys.found) {
    refusals.add(new InputError(`${shown}${positionIn(path, at)}`, what, expected));
  }
  refusals.end();
}

function askForPlaces(
  policy: Policy,
  checked: CheckedPolicy,
  values: Values,
  keys: UnknownKeys,
): void {
  const clairvoyant = policy.clairvoyant === true;
  for (const fields of pageSamples(clairvoyant)) {
    let looked = false;
    for (const leaf of leafSamples(fields)) {
      const page = watchedPage(fields, leaf, clairvoyant, keys, () => {
        looked = true;
      });
      askForPlace(policy, checked, page, values, keys);
      // All the same to a policy that does not look.
      if (!looked) break;
    }
  }
}

function askForPlace(
  policy: Policy,
  { reference: { path }, shown }: CheckedPolicy,
  page: Page,
  values: Values,
  keys: UnknownKeys,
): void {
  const about = () => `for the page ${pageText(page)}`;
  const words = `expected ${placements.join(' or ')}`;
  const [first, second] = [1, 2].map((): unknown => {
    try {
      return keys.during(() => policy.place(page, values));
    } catch (error) {
      const what = `place throws ${about()}: ${thrownLine(error)}`;
      throw new InputError(`${shown}${positionIn(path, error)}`, what, words);
    }
  });
  if (!(placements as readonly unknown[]).includes(first)) {
    const meant = typeof first === 'string' && nearest(first, placements);
    const right = meant ? `did you mean ${meant}?` : words;
    throw new InputError(shown, `place answers ${quoted(first)} ${about()}`, right);
  }
  if (first !== second) {
    throw new InputError(
      shown,
      `place answers ${first}, then ${quoted(second)} ${about()}`,
      'expected the same answer for the same page',
    );
  }
}

function askForTicks(
  policy: Policy,
  checked: CheckedPolicy,
  values: Values,
  budget_pages: number,
  keys: UnknownKeys,
): void {
  for (const sample of viewSamples(keys)) {
    const [first, second] = [1, 2].map(() => {
      const answer = askForTick(policy, checked, sample, values, budget_pages, keys);
      return JSON.stringify([[...answer.promote], [...answer.demote]]);
    });
    if (first === second) continue;
    throw new InputError(
      checked.shown,
      `tick answers ${shortOf(first!)}, then ${shortOf(second!)} to the same view`,
      'expected the same answer to the same view: trials share the file, in any order',
    );
  }
}

function shortOf(lists: string): string {
  return lists.length > 60 ? `${lists.slice(0, 60)}…` : lists;
}

function askForTick(
  policy: Policy,
  { reference: { path }, shown }: CheckedPolicy,
  { view, pages }: ViewSample,
  values: Values,
  budget_pages: number,
  keys: UnknownKeys,
): TickAnswer {
  const { local_memory_used, link_used } = view;
  const about = `for ${pages.length} pages with local_memory_used ${local_memory_used} and link_used ${link_used}`;
  let answer: unknown;
  let wrong: Complaint | undefined;
  try {
    answer = keys.during(() => policy.tick!(view, budget_pages, values));
    wrong = checkTickAnswer(answer, pages.length);
  } catch (error) {
    throw new InputError(
      `${shown}${positionIn(path, error)}`,
      `tick throws ${about}: ${thrownLine(error)}`,
      'expected { promote, demote }',
    );
  }
  if (wrong !== undefined)
    throw new InputError(shown, `tick ${wrong.what} ${about}`, wrong.expected);
  const { demote } = answer as TickAnswer;
  const unclean = demote.find((index) => !pages[index]!.clean);
  if (unclean !== undefined) {
    throw new InputError(
      shown,
      `tick demotes page ${unclean}, which is no clean local copy, ${about}`,
      'expected only pages with local and clean set',
    );
  }
  return answer as TickAnswer;
}
