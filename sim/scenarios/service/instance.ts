/**
 * An instance of a function, and what it does:
 *
 *     shell ─► restore ─► run ─┬─► idle ─► run ─► … ─► gone
 *                              └─► checkpoint ─► idle, or a parent that only its children need
 */

import type { StoredCheckpoint } from './checkpoint-store.ts';
import type { Phase } from './phase.ts';
import type { Request } from './request.ts';
import type { Start } from './start.ts';

/** Numbers, which are told apart at once. */
export const stage = { shell: 0, restore: 1, run: 2, checkpoint: 3, idle: 4, gone: 5 } as const;
export type Stage = (typeof stage)[keyof typeof stage];

export interface Instance {
  readonly slot: number;
  readonly of: number;
  readonly node: number;
  readonly start: Start;
  /** Memory that it holds on its node, its shell's included. */
  readonly bytes: number;
  /** What it was made of; absent where it was started from nothing. */
  readonly checkpoint: StoredCheckpoint | undefined;
  readonly promoted: boolean;
  readonly made_ns: number;
  stage: Stage;
  /** What it does on the device now. */
  phase: Phase | undefined;
  request: Request | undefined;
  uses: number;
  idle_since_ns: number;
  /** How long it stays once it is made ahead of a request. */
  keep_ahead_ns: number | undefined;
  /** Its neighbours among the idle ones of its function. */
  older: Instance | undefined;
  newer: Instance | undefined;
}
