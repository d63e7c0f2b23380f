/** Which results hold times that are only good for ratios with one another. */

import type { Results } from './read-results.ts';

/** Backends whose machines are emulated, so that no time of theirs is one of any real machine. */
const emulated = new Set(['vm']);

export function timesAreRelative(_results: Results, backend: string): boolean {
  return emulated.has(backend);
}
