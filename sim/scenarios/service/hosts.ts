/** Keep-alive and routing as a trial meets them: who asks them, and how, is decided where the trial is started. */

import type { KeepAlive } from '../../keep-alive.ts';
import type { Values } from '../../parameters.ts';
import type { Routing } from '../../routing.ts';
import type { Opened } from '../cluster/arrivals/kind.ts';
import type { MappingRule } from '../cluster/arrivals/mapping.ts';
import type { StartTimes } from '../cluster/start-times/start-times.ts';

export interface Hosted<P> {
  readonly name: string;
  readonly policy: P;
  /** The policy's parameters as the trial sets them. */
  readonly values: Values;
}

export interface ServiceHosts {
  readonly keep_alive: Hosted<KeepAlive>;
  readonly routing: Hosted<Routing>;
  /** Requests that a file tells of, and how functions are mapped. */
  readonly recorded?: Opened & { readonly rule: MappingRule };
  readonly start_times?: StartTimes;
  /** Runs a part of the trial in which policies are asked; where they do not answer, it is given up after a while. */
  ask<R>(part: () => R): R;
}
