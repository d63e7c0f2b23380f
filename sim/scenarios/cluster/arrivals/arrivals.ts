/** Requests of functions, in order of time: where they come from is another file's idea. */

import type { RandomStream } from '../../../random.ts';

export interface Arrival {
  readonly at_ns: number;
  /** Index into `functions` of the source. */
  readonly of: number;
  /** How long the request computes, where the source tells; otherwise its function's own. */
  readonly duration_ns?: number;
}

export interface ArrivalSource {
  /** Names of the functions as the source tells them; each is mapped to a workload by a stated rule. */
  readonly functions: readonly string[];
  /** In order of time, the same for the same source of chance; made one by one, so that ten million need no list. */
  arrivals(random: RandomStream): IterableIterator<Arrival>;
}
