/**
 * Day and night: rate · (1 + swing · cos(2π (t − peak) / period)). Exact, whatever the period: the time is found at which
 * the integral has grown by as much as was drawn.
 */

import type { Parameters, Values } from '../../../../parameters.ts';
import type { Rate } from '../../../../workload/arrivals/rate.ts';
import { processOf } from './common.ts';

const own = {
  swing: {
    default: 0.5,
    unit: 'share',
    description: 'how far the rate rises above its mean and falls below',
    source: 'chosen; the rates of ServeGen rise to 1.8 to 3.2 times their mean',
    minimum: 0,
    maximum: 1,
  },
  period_s: {
    default: 86_400,
    unit: 's',
    description: 'from one peak to the next',
    source: 'a day',
    minimum: 1e-3,
    maximum: 1e8,
  },
  peak_s: {
    default: 43_200,
    unit: 's',
    description: 'when the rate is highest',
    source: 'chosen: noon',
    minimum: 0,
    maximum: 1e8,
  },
} as const satisfies Parameters;

type Cycle = Values<typeof own> & { readonly rate_per_s: number };

export class DiurnalRate implements Rate {
  readonly #values: Cycle;

  constructor(values: Cycle) {
    this.#values = values;
  }

  after(at_s: number, more: number): number {
    const { rate_per_s, swing, period_s } = this.#values;
    const wanted = this.#until(at_s) + more;
    const even_s = at_s + more / rate_per_s;
    const furthest_s = (swing * period_s) / Math.PI;
    let [low_s, high_s] = [Math.max(at_s, even_s - furthest_s), even_s + furthest_s];
    let tried_s = Math.min(
      high_s,
      Math.max(low_s, at_s + more / Math.max(this.#at(at_s), rate_per_s * 0.1)),
    );
    // Newton's steps, and halvings where one leads out of what is known: near the trough with a swing of 1.
    for (let step = 0; step < 100; step += 1) {
      const missing = wanted - this.#until(tried_s);
      if (missing > 0) low_s = tried_s;
      else high_s = tried_s;
      const next_s = tried_s + missing / this.#at(tried_s);
      const is_within = next_s > low_s && next_s < high_s;
      const moved_s = is_within ? next_s : (low_s + high_s) / 2;
      if (Math.abs(moved_s - tried_s) < 1e-10 || moved_s === tried_s) return moved_s;
      tried_s = moved_s;
    }
    return tried_s;
  }

  #at(at_s: number): number {
    const { rate_per_s, swing, period_s, peak_s } = this.#values;
    return rate_per_s * (1 + swing * Math.cos((2 * Math.PI * (at_s - peak_s)) / period_s));
  }

  /** Expected from 0 on, but for a constant. */
  #until(at_s: number): number {
    const { rate_per_s, swing, period_s, peak_s } = this.#values;
    const turns = (2 * Math.PI * (at_s - peak_s)) / period_s;
    return rate_per_s * (at_s + ((swing * period_s) / (2 * Math.PI)) * Math.sin(turns));
  }
}

export const diurnal = processOf(
  'a rate that rises and falls with the day, as a cosine',
  own,
  (values) => new DiurnalRate(values),
);
