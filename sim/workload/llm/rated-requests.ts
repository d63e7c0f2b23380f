/**
 * Requests at the rates of one trace with the lengths of another: each comes when the rates say, and has prompt and answer of
 * a request of the other, drawn with both together. What prompts have in common is not known of such requests, and so is nothing.
 */

import { randomStream } from '../../random.ts';
import { ns_per_s } from '../../units.ts';
import { gapOf, type Step, SteppedRate } from '../arrivals/rate.ts';
import { type OneRequest, type Requests, requestsOf } from './requests.ts';

export interface RatedRequests {
  readonly steps: readonly Step[];
  readonly lengths: Requests;
}

export interface RatedPart {
  readonly from_s: number;
  readonly length_s: number;
  readonly share: number;
  readonly variation: number;
}

/** How many are to be expected of a part. */
export function expectedRequests(steps: readonly Step[], part: RatedPart): number {
  return steps.reduce((sum, step) => {
    const { from_s, to_s, per_s } = inPart(step, part);
    return sum + Math.max(0, to_s - from_s) * per_s;
  }, 0);
}

export function requestsAtRates(
  { steps, lengths }: RatedRequests,
  { seed, ...part }: RatedPart & { readonly seed: number },
): Requests {
  const own = steps.map((step) => inPart(step, part)).filter(({ from_s, to_s }) => from_s < to_s);
  const end_s = own.at(-1)?.to_s ?? 0;
  const rate = new SteppedRate(own, end_s);
  const gaps = randomStream(seed, 'rates');
  const drawn = randomStream(seed, 'lengths');
  const all: OneRequest[] = [];
  for (let at_s = 0; ; ) {
    at_s = rate.after(at_s, gapOf(gaps, part.variation));
    if (at_s >= end_s) return requestsOf(all);
    const of = Math.floor(drawn.uniform() * lengths.count);
    all.push({
      arrival_ns: Math.floor(at_s * ns_per_s),
      input_tokens: lengths.input_tokens[of]!,
      output_tokens: lengths.output_tokens[of]!,
    });
  }
}

/** Its time from the beginning of the part on, and the share of its rate. */
function inPart({ from_s, to_s, per_s }: Step, part: RatedPart): Step {
  return {
    from_s: Math.max(0, from_s - part.from_s),
    to_s: Math.min(to_s - part.from_s, part.length_s),
    per_s: per_s * part.share,
  };
}
