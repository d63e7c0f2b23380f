/** Whether a `tick` answered with two lists of pages that there are. */

import type { Complaint } from '../../input/complaint.ts';
import { quoted } from '../../input/quoted.ts';
import type { TickAnswer } from '../../policy.ts';

/** What is wrong with the answer about pages `[0, page_count)`, or nothing. */
export function checkTickAnswer(answer: unknown, page_count: number): Complaint | undefined {
  const indices = `page indices from 0 to ${page_count - 1}`;
  const told = quoted(answer);
  // A promise, a list and the like are told by their name, before lists are missed in them.
  if (told !== 'an object') {
    return {
      what: `answered ${told}`,
      expected: `expected lists promote and demote of ${indices}`,
    };
  }
  for (const key of ['promote', 'demote'] as const) {
    const list: unknown = (answer as Partial<TickAnswer>)[key];
    if (!Array.isArray(list)) {
      return { what: `answered ${key} ${quoted(list)}`, expected: `expected a list of ${indices}` };
    }
    for (const index of list) {
      if (Number.isInteger(index) && index >= 0 && index < page_count) continue;
      return { what: `answered ${key} of page ${quoted(index)}`, expected: `expected ${indices}` };
    }
  }
  return undefined;
}
