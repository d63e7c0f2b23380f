/** How a mechanism is carried out on real kernels, and what the simulator claims of its counts there. */

import type { Trial } from '../../backend.ts';
import type { Live } from './children.ts';
import type { Claims } from './claims.ts';
import type { Cluster } from './node.ts';
import type { WarmFunction } from './warm-function.ts';

export interface RealMechanism {
  readonly claims: Claims;
  /** Its children run where no memory is shared, too. */
  readonly shares_nothing?: true;
  /** A program besides the module's that it needs on the nodes. */
  readonly program?: string;
  /** Why it is carried out in guests only. */
  readonly guests_only?: string;
  /** Why real kernels cannot run the trial by it, or `undefined`. */
  refuses?(trial: Trial): string | undefined;
  /** Makes ready what all children of a trial share. */
  prepare(cluster: Cluster, warm: WarmFunction, trial: Trial): Live | Promise<Live>;
}
