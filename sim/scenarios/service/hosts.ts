/** Keep-alive and routing as a trial meets them: who asks them, and how, is decided where the trial is started. */

import type { KeepAlive } from '../../keep-alive.ts';
import type { Values } from '../../parameters.ts';
import type { Routing } from '../../routing.ts';

export interface Hosted<P> {
  readonly name: string;
  readonly policy: P;
  /** The policy's parameters as the trial sets them. */
  readonly values: Values;
}

export interface ServiceHosts {
  readonly keep_alive: Hosted<KeepAlive>;
  readonly routing: Hosted<Routing>;
  /** Runs a part of the trial in which policies are asked; where they do not answer, it is given up after a while. */
  ask<R>(part: () => R): R;
}
