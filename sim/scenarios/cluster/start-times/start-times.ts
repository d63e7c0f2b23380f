/** How long starts take, of which each is another draw: a constant is wrong by as much as two orders of magnitude. */

import type { RandomStream } from '../../../random.ts';

export interface StartTimes {
  readonly name: string;
  sample_ns(random: RandomStream): number;
  /** The time that so large a share of starts does not exceed: 0 to 1. */
  quantile_ms(share: number): number;
}
