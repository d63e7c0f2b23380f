/** Which colour a mechanism and policy has, the same in every figure. */

import { mechanisms } from '../mechanisms/registry.ts';
import type { Described } from '../results/measurements-csv.ts';

/**
 * What mechanisms declare, told apart by readers of any colour vision, which a test checks. One mechanism under
 * several policies has shades of one colour.
 */
const systems: Readonly<Record<string, string>> = Object.fromEntries(
  Object.values(mechanisms).flatMap(({ name, colour }): [string, string][] => {
    if (colour === undefined) return [];
    if (typeof colour === 'string') return [[name, colour]];
    return Object.entries(colour).map(([policy, shade]) => [`${name}, ${policy}`, shade]);
  }),
);

const policies: Readonly<Record<string, string>> = {
  'migrate-on-write': '#56B4E9',
  'migrate-on-access': '#D55E00',
  hybrid: '#F0E442',
  'migrate-now': '#999999',
  clairvoyant: '#004D40',
};

/** For mechanisms and policies that have no colour, in order of appearance. */
const others = ['#332288', '#DDCC77', '#44AA99', '#AA4499', '#999933', '#882255'];

/**
 * Colours in the order in which systems (mechanism and policy together) or policies first appear in
 * the rows.
 */
export function coloursOf(rows: readonly Described[], by: 'system' | 'policy'): string[] {
  const names = new Set(
    rows
      .filter(({ policy }) => by === 'system' || policy !== 'none')
      .map(({ mechanism, policy }) =>
        by === 'policy' ? policy : policy === 'none' ? mechanism : `${mechanism}, ${policy}`,
      ),
  );
  const known = by === 'policy' ? policies : systems;
  let unknown = 0;
  return [...names].map((name) => known[name] ?? others[unknown++ % others.length]!);
}
