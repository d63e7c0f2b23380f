/** Times with a lognormal distribution, by their mean and standard deviation. */

import { normalQuantile } from '../../../normal-quantile.ts';
import type { RandomStream } from '../../../random.ts';
import { ns_per_ms, wholeNs } from '../../../units.ts';
import type { StartTimes } from './start-times.ts';

export class LognormalTimes implements StartTimes {
  readonly name: string;
  /** Mean and standard deviation of the logarithm of the time in ms. */
  readonly mu: number;
  readonly sigma: number;

  constructor(name: string, mean_ms: number, sd_ms: number) {
    this.name = name;
    const variance = Math.log1p((sd_ms / mean_ms) ** 2);
    this.sigma = Math.sqrt(variance);
    this.mu = Math.log(mean_ms) - variance / 2;
  }

  quantile_ms(share: number): number {
    return Math.exp(this.mu + this.sigma * normalQuantile(share));
  }

  sample_ns(random: RandomStream): number {
    return wholeNs(this.quantile_ms(random.uniform()) * ns_per_ms);
  }
}
