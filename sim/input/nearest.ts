/** The name that was probably meant, and the part of a message that proposes it. */

import { renamed } from './former-names.ts';

/** What was once called `name`, or the name nearest to it, if a slip of the keyboard explains it. */
export function nearest(name: string, names: Iterable<string>): string | undefined {
  const known = [...names];
  return renamed(name, known) ?? nearestByLetters(name, known);
}

function nearestByLetters(name: string, names: readonly string[]): string | undefined {
  let best: string | undefined;
  // A third of the letters may differ; very short names allow one slip.
  let allowed = Math.max(1, Math.floor(name.length / 3));
  const typed = name.toLowerCase();
  for (const candidate of names) {
    const known = candidate.toLowerCase();
    // What was typed may be very long, and each letter that one has more is a slip.
    if (Math.abs(typed.length - known.length) > allowed) continue;
    const slips = distance(typed, known);
    const nearer = best === undefined || alike(name, candidate) > alike(name, best);
    if (slips < allowed || (slips === allowed && nearer)) {
      best = candidate;
      allowed = slips;
    }
  }
  return best;
}

/** Letters from the start that two names share: slips are rarer there. */
function alike(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

/** `did you mean X?` where a name is near, else all names there are. */
export function proposal(name: string, names: Iterable<string>, from = ''): string {
  const known = [...names];
  const meant = nearest(name, known);
  if (meant !== undefined) return `did you mean ${meant}?`;
  const source = from === '' ? '' : ` (${from})`;
  return known.length === 0 ? `there are none${source}` : `found ${listed(known)}${source}`;
}

/** More letters than these make no list that anybody reads in a line. */
const most_letters = 400;

function listed(names: readonly string[]): string {
  const all = names.join(', ');
  if (all.length <= most_letters) return all;
  const shown = all.slice(0, all.lastIndexOf(', ', most_letters));
  return `${shown} and ${names.length - shown.split(', ').length} more`;
}

/** Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`. */
export function distance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      current[j] = Math.min(previous[j]! + 1, current[j - 1]! + 1, replaced);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        current[j] = Math.min(current[j]!, before[j - 2]! + 1);
      }
    }
    before = previous;
    previous = current;
  }
  return previous[b.length]!;
}
