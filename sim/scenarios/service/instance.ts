/**
 * An instance of a function, and a request that it serves:
 *
 *     shell ─► restore ─► run ─┬─► idle ─► run ─► … ─► gone
 *                              └─► checkpoint ─► idle, or a parent that only its children need
 */

import type { StoredCheckpoint } from './checkpoint-store.ts';
import type { Phase } from './phase.ts';
import type { Start } from './start.ts';

/** A request from its arrival to its one end. */
export interface Request {
  readonly of: number;
  readonly arrived_ns: number;
  /** So many times what its function computes usually. */
  readonly work: number;
  /** Since its function's last request before it had ended. */
  readonly idle_before_ns: number | undefined;
  started_by: 'warm' | 'cold' | 'fork';
  /** When it had its turn, when its shell was there, and when its process could run. */
  begun_ns: number;
  shelled_ns: number;
  ready_ns: number;
}

export type Stage = 'shell' | 'restore' | 'run' | 'checkpoint' | 'idle' | 'gone';

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
}
