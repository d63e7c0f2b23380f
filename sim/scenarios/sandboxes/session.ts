/**
 * An agent's session: turns, some of which leave state worth an image, and some of which are rolled back to an earlier one.
 *
 *     turn │ changed? branch: it stands still │ turn │ rolled back? a child of an earlier image takes its place │ turn …
 *
 * No public trace of agents that fork exists; each number has its source where it is declared.
 */

import type { Measurements } from '../../metrics.ts';
import { randomStream } from '../../random.ts';
import type { SandboxSettings } from '../../sandbox.ts';

/** `pause_ms` of a branch, where there is one, and `restore_ms` of a child that is alone. Nothing where nobody is asked to play. */
export function ofSession(
  { turns, changing_share, rollback_share, session_ms }: SandboxSettings,
  seed: number,
  pause_ms: number,
  restore_ms: number,
): Measurements {
  if (turns === 0) return {};
  const chance = randomStream(seed, 'session');
  let overhead_ms = 0;
  for (let turn = 0; turn < turns; turn++) {
    if (chance.uniform() < changing_share) overhead_ms += pause_ms;
    if (chance.uniform() < rollback_share) overhead_ms += restore_ms;
  }
  return { session_overhead_share: overhead_ms / (session_ms + overhead_ms) };
}
