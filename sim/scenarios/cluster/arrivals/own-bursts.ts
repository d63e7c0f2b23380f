/**
 * Requests that come in bursts of each function's own: each by itself goes through silences and bursts, both of exponential length, and
 * in a burst its requests are a Poisson process. Over time all come to the rate that is asked for.
 *
 *     ──────┤│││├────────────┤││││││├──     a burst has 1 / burst_share times the function's mean rate
 */

import type { RandomStream } from '../../../random.ts';
import { ns_per_s } from '../../../units.ts';
import { type Arrival, type ArrivalSource, Told } from './arrivals.ts';
import { gap_s } from './poisson.ts';
import { sharesOf } from './shares.ts';

interface Stream {
  readonly of: number;
  next_s: number;
  burst_ends_s: number;
}

export function ownBursts(
  functions: readonly string[],
  rate_per_s: number,
  duration_s: number,
  skew: number,
  burst_s: number,
  burst_share: number,
): ArrivalSource {
  const within = sharesOf(functions.length, skew).map(
    (share) => share * (rate_per_s / burst_share),
  );
  const silence_s = (burst_s * (1 - burst_share)) / burst_share;
  return { functions, arrivals: (random) => new Told(all(random)) };

  function* all(random: RandomStream): Generator<Arrival, void, void> {
    const streams = functions.map((_, of): Stream => {
      // It begins in a burst as often as it is in one.
      const begins_s = random.uniform() < burst_share ? 0 : gap_s(random, 1 / silence_s);
      const stream = {
        of,
        next_s: begins_s,
        burst_ends_s: begins_s + gap_s(random, 1 / burst_s),
      };
      advance(stream, random);
      return stream;
    });
    for (;;) {
      const first = streams.reduce((a, b) => (b.next_s < a.next_s ? b : a));
      if (first.next_s >= duration_s) return;
      yield { at_ns: Math.floor(first.next_s * ns_per_s), of: first.of };
      advance(first, random);
    }
  }

  /** To its next request: in this burst, or in the first of the next ones that has one. */
  function advance(stream: Stream, random: RandomStream): void {
    let at_s = stream.next_s + gap_s(random, within[stream.of]!);
    while (at_s >= stream.burst_ends_s && stream.burst_ends_s < duration_s) {
      const begins_s = stream.burst_ends_s + (silence_s > 0 ? gap_s(random, 1 / silence_s) : 0);
      stream.burst_ends_s = begins_s + gap_s(random, 1 / burst_s);
      at_s = begins_s + gap_s(random, within[stream.of]!);
    }
    stream.next_s = at_s;
  }
}
