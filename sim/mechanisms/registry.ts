/** All mechanisms by name: the one place that lists them. */

import type { Mechanism } from '../mechanism.ts';
import coldStart from './cold-start.ts';
import criu from './criu.ts';
import cxlfork from './cxlfork.ts';
import localFork from './local-fork.ts';
import mitosis from './mitosis.ts';

// Each mechanism knows the type of its own checkpoint and parameters; callers pass back what they got.
export const mechanisms = Object.fromEntries(
  [coldStart, localFork, criu, mitosis, cxlfork].map((mechanism) => [
    mechanism.name,
    mechanism as unknown as Mechanism,
  ]),
) as Readonly<Record<string, Mechanism>>;
