/** All mechanisms by name: the one place that lists them. */

import type { Mechanism } from '../mechanism.ts';
import coldStart from './cold-start.ts';
import criu from './criu.ts';
import cxlMicrovm from './cxl-microvm.ts';
import cxlfork from './cxlfork.ts';
import localFork from './local-fork.ts';
import mitosis from './mitosis.ts';

export const mechanisms: Readonly<Record<string, Mechanism>> = Object.fromEntries(
  [coldStart, localFork, criu, mitosis, cxlfork, cxlMicrovm].map((mechanism) => [
    mechanism.name,
    mechanism,
  ]),
);

/** What tables hold the others against. */
export const baseline = Object.values(mechanisms).find(({ is_baseline }) => is_baseline)!;
