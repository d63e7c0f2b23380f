/** Which colour a mechanism and policy has, the same in every figure. */

import type { Measurement } from '../results/measurements-csv.ts';

/** Figures 7b and 8 of CXLfork (ASPLOS 2025), hatches left out; its policies' shades of red ours. */
const systems: Readonly<Record<string, string>> = {
  'cold-start': '#FFFFFF',
  'local-fork': '#F5A623',
  criu: '#4D8C2A',
  mitosis: '#4A90C2',
  'cxlfork, migrate-on-write': '#E31A1C',
  'cxlfork, hybrid': '#EE7677',
  'cxlfork, migrate-on-access': '#F4A3A4',
  'cxlfork, migrate-now': '#F9D1D2',
  'cxlfork, clairvoyant': '#B07AA1',
};

const policies: Readonly<Record<string, string>> = {
  'migrate-on-write': '#A0D3E8',
  'migrate-on-access': '#DDA0DD',
  hybrid: '#FFF3A8',
  'migrate-now': '#C8C8C8',
  clairvoyant: '#8FBC8F',
};

/** For mechanisms and policies that have no colour above, in order of appearance. */
const others = ['#7A6FB0', '#C7A252', '#5BA8A0', '#A65F5F', '#6B8E23', '#9A9A9A'];

/**
 * Colours in the order in which systems (mechanism and policy together) or policies first appear in
 * the rows.
 */
export function coloursOf(rows: readonly Measurement[], by: 'system' | 'policy'): string[] {
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
