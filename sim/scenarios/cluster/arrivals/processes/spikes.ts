/** A steady rate, and times at which it is many times that. */

import type { Parameters } from '../../../../parameters.ts';
import { exponential, type RandomStream } from '../../../../random.ts';
import { type Step, SteppedRate } from '../../../../workload/arrivals/rate.ts';
import { processOf } from './common.ts';

const own = {
  factor: {
    default: 100,
    unit: 'ratio',
    description: 'how many times the rate between spikes a spike has',
    source:
      'chosen; a function of Azure’s rose by 33,000 times in the motivation of Mitosis (OSDI 2023)',
    minimum: 1,
    maximum: 1e6,
  },
  every_s: {
    default: 600,
    unit: 's',
    description: 'from one spike’s end to the next one’s beginning, in the mean',
    source: 'chosen: the time for which instances are kept in practice',
    minimum: 1e-3,
    maximum: 1e8,
  },
  lasting_s: {
    default: 10,
    unit: 's',
    description: 'how long a spike lasts',
    source: 'chosen',
    minimum: 1e-3,
    maximum: 1e8,
  },
  at_random: {
    default: true,
    unit: 'flag',
    description:
      'whether spikes come after times drawn from an exponential distribution, or after equal ones',
    source: 'chosen',
  },
} as const satisfies Parameters;

/** What is between spikes where all in all there are `rate_per_s` in the mean. */
function* steps(
  base_per_s: number,
  factor: number,
  times: { readonly every_s: number; readonly lasting_s: number; readonly at_random: boolean },
  random: RandomStream,
): Generator<Step> {
  for (let from_s = 0; ; ) {
    const calm_s = times.every_s * (times.at_random ? exponential(random) : 1);
    const spike_s = from_s + calm_s;
    yield { from_s, to_s: spike_s, per_s: base_per_s };
    yield { from_s: spike_s, to_s: spike_s + times.lasting_s, per_s: factor * base_per_s };
    from_s = spike_s + times.lasting_s;
  }
}

export const spikes = processOf(
  'a steady rate with spikes of many times that, which last for seconds',
  own,
  ({ rate_per_s, length_s, factor, every_s, lasting_s, at_random }, random) => {
    const share = lasting_s / (every_s + lasting_s);
    const base_per_s = rate_per_s / (1 - share + factor * share);
    const times = { every_s, lasting_s, at_random };
    return new SteppedRate(steps(base_per_s, factor, times, random), length_s);
  },
);
