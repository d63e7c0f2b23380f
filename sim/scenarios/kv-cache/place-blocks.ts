/**
 * The tiering policies of pages over blocks of a pool. Attention touches all blocks of a request in its first step, and never
 * writes one: what is to be copied when it is touched, or at once, is copied before the request begins; what is to be copied
 * when it is written never is, and is read where it is.
 */

import { layOut, marked_accessed, marked_hot } from '../../memory/layout.ts';
import { migrate_on_write, place } from '../../placements.ts';
import type { PolicyHost } from '../fork/policy-host.ts';
import type { Attaches } from './layered-memory.ts';

/** From so many requests on that had found a block before, it is hot: a choice, the fewest that tell it from one that was found. */
const hot_from = 2;
/** What policies see of blocks: never found, found once, found more often. */
const kinds = [0, marked_accessed, marked_accessed | marked_hot];

/** Whether the policy leaves a block where it is; asked once for each kind of block. */
export function placedOutside({ name, policy, values, ask }: PolicyHost): Attaches {
  const marks = Uint8Array.from(kinds);
  const layout = layOut([{ name: 'data', kind: 'anonymous', writable: false, marks }], 1);
  const answers = ask((asked) => place(name, asked, values, layout));
  const is_outside = kinds.map((_, slot) => answers[slot] === migrate_on_write);
  if (policy.clairvoyant) throw new Error(`${name} asks for a future that nobody knows here`);
  return (_level, found_before) => is_outside[Math.min(found_before, hot_from)]!;
}
