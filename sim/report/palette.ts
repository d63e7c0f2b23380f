/** Which colour a mechanism and policy has, the same in every figure. */

import { allMechanisms } from '../mechanisms/all.ts';
import type { PolicyColour } from '../policy.ts';
import type { Described } from '../results/measurements-csv.ts';

/** What policies declare, by name. */
export type PolicyColours = ReadonlyMap<string, PolicyColour>;

/** For mechanisms and policies that have no colour, in order of appearance. */
const others = ['#332288', '#DDCC77', '#44AA99', '#AA4499', '#999933', '#882255'];

/**
 * Colours in the order in which systems (mechanism and policy together) or policies first appear in the rows. What
 * mechanisms and policies declare is told apart by readers of any colour vision, which a test checks.
 */
export function coloursOf(
  rows: readonly Described[],
  by: 'system' | 'policy',
  policies: PolicyColours,
): string[] {
  const shown = rows.filter(({ policy }) => by === 'system' || policy !== 'none');
  const declared = new Map(
    shown.map(({ mechanism, policy }) =>
      by === 'policy'
        ? [policy, policies.get(policy)?.among_policies]
        : policy === 'none'
          ? [mechanism, allMechanisms[mechanism]?.colour]
          : [`${mechanism}, ${policy}`, policies.get(policy)?.among_systems],
    ),
  );
  const given = new Set<string>();
  let free = 0;
  return [...declared.values()].map((colour) => {
    // Two mechanisms under one policy would have one colour.
    const own = colour === undefined || given.has(colour) ? undefined : colour;
    const chosen = own ?? others[free++ % others.length]!;
    given.add(chosen);
    return chosen;
  });
}
