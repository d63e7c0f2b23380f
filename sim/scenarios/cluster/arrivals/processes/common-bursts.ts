/** Bursts of all functions in common and silence by turns, both for times drawn from exponential distributions (an interrupted Poisson process). */

import type { Parameters } from '../../../../parameters.ts';
import { exponential, type RandomStream } from '../../../../random.ts';
import { type Step, SteppedRate } from '../../../../workload/arrivals/rate.ts';
import { processOf } from './common.ts';

const own = {
  on_s: {
    default: 30,
    unit: 's',
    description: 'how long requests come in one go, in the mean',
    source: 'chosen',
    minimum: 1e-3,
    maximum: 1e8,
  },
  off_s: {
    default: 270,
    unit: 's',
    description: 'how long none comes then, in the mean',
    source: 'chosen',
    minimum: 0,
    maximum: 1e8,
  },
} as const satisfies Parameters;

function* steps(
  on_per_s: number,
  on_s: number,
  off_s: number,
  random: RandomStream,
): Generator<Step> {
  // What has been going on for ever is on at the beginning with the share of time that it is.
  let is_on = random.uniform() < on_s / (on_s + off_s);
  for (let from_s = 0; ; is_on = !is_on) {
    const to_s = from_s + exponential(random) * (is_on ? on_s : off_s);
    yield { from_s, to_s, per_s: is_on ? on_per_s : 0 };
    from_s = to_s;
  }
}

export const common_bursts = processOf(
  'bursts of all functions in common and silence by turns, of random length',
  own,
  ({ rate_per_s, length_s, on_s, off_s }, random) => {
    const on_per_s = (rate_per_s * (on_s + off_s)) / on_s;
    return new SteppedRate(steps(on_per_s, on_s, off_s, random), length_s);
  },
);
