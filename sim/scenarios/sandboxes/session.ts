/**
 * An agent's session as a search: turns, some of which leave state worth an image, of which children are forked to go on from,
 * and some of which are rolled back to an earlier image.
 *
 *     root ─┬─ turn ─ image ─┬─ turn ─ rolled back …
 *           │                ├─ turn ─ image ─┬─ …          branches never merge: all that was forked stays
 *           └─ …             └─ …             └─ turn ─► goes on
 *
 * No public trace of agents that fork exists; each number has its source where it is declared.
 */

import type { Measurements } from '../../metrics.ts';
import { randomStream } from '../../random.ts';
import type { SandboxSettings } from '../../sandbox.ts';
import type { Plan } from '../../staged-mechanism.ts';

/** What the search costs, whatever the system. */
export interface SearchCosts {
  /** Of a branch, where there is one. */
  readonly pause_ms: number;
  /** Until all children of one expansion are ready, and until one is that is alone. */
  readonly expand_ms: number;
  readonly restore_ms: number;
  readonly children: number;
}

/** Nothing where nobody is asked to play. */
export function ofSession(
  { turns, changing_share, rollback_share, session_ms }: SandboxSettings,
  seed: number,
  { pause_ms, expand_ms, restore_ms, children }: SearchCosts,
  { shared_mb, child_mb, branch_mb, pool_mb, pool_branch_mb = 0 }: Plan,
): Measurements {
  if (turns === 0) return {};
  const chance = randomStream(seed, 'session');
  const whereto = randomStream(seed, 'session-tree');
  /** Depth of each image that an agent can be rolled back to, the root's first. */
  const images = [0];
  let depth = 0;
  let deepest = 0;
  let forked = 0;
  let overhead_ms = 0;
  for (let turn = 0; turn < turns; turn++) {
    if (chance.uniform() < changing_share) {
      overhead_ms += pause_ms;
      if (children > 1) {
        overhead_ms += expand_ms;
        forked += children;
      }
      depth += 1;
      deepest = Math.max(deepest, depth);
      images.push(depth);
    }
    if (chance.uniform() < rollback_share) {
      overhead_ms += restore_ms;
      forked += 1;
      depth = images[whereto.integer(images.length)]!;
    }
  }
  const made = images.length - 1;
  return {
    session_overhead_share: overhead_ms / (session_ms + overhead_ms),
    session_forks: forked,
    session_depth: deepest,
    ...(branch_mb !== undefined && {
      session_memory_mb: shared_mb + forked * child_mb + made * branch_mb,
    }),
    ...(pool_mb !== undefined && { session_cxl_mb: pool_mb + made * pool_branch_mb }),
  };
}
