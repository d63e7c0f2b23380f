/** Which colour a mechanism and policy has, the same in every figure. */

import type { Described } from '../results/measurements-csv.ts';

/**
 * Told apart by readers of any colour vision, which a test checks. One mechanism under several policies
 * has shades of one colour.
 */
const systems: Readonly<Record<string, string>> = {
  'cold-start': '#FFFFFF',
  'local-fork': '#F0E442',
  criu: '#00796B',
  mitosis: '#56B4E9',
  'cxlfork, migrate-on-write': '#8C0D1E',
  'cxlfork, hybrid': '#E06A3B',
  'cxlfork, migrate-on-access': '#F5B79A',
  'cxlfork, migrate-now': '#BDBDBD',
  'cxlfork, clairvoyant': '#5E3C99',
};

const policies: Readonly<Record<string, string>> = {
  'migrate-on-write': '#56B4E9',
  'migrate-on-access': '#D55E00',
  hybrid: '#F0E442',
  'migrate-now': '#999999',
  clairvoyant: '#004D40',
};

/** For mechanisms and policies that have no colour above, in order of appearance. */
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
