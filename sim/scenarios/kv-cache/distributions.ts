/** Times of requests as distributions. */

import { quantile } from '../../quantile.ts';
import type { Points, SeriesOf } from '../../series.ts';
import { timesOf } from './outcome.ts';
import type { Sequence } from './sequence.ts';

/** Finer where few requests are left. */
const per_mille = Array.from({ length: 1001 }, (_, at) => at).filter(
  (at) => at % 10 === 0 || at > 980,
);

export function distributionsOf(sequences: readonly Sequence[]): SeriesOf {
  const { ttft_ms, tpot_ms, latency_ms } = timesOf(sequences);
  return {
    ttft_quantile_ms: pointsOf(ttft_ms),
    ...(tpot_ms.length > 0 && { tpot_quantile_ms: pointsOf(tpot_ms) }),
    latency_quantile_ms: pointsOf(latency_ms),
  };
}

function pointsOf(times_ms: Float64Array): Points {
  const sorted = times_ms.slice().sort();
  return per_mille.map((at) => [at, quantile(sorted, at / 1000)]);
}
