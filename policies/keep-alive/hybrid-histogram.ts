/**
 * Hybrid histogram (Shahrad et al., "Serverless in the Wild", USENIX ATC 2020): a histogram of each function's idle
 * times, in bins of a minute, says when it is called again.
 *
 *     ends ──┤ gone ├── made ahead ├── kept ├── gone      from the 5th percentile less 10 % to the 99th and 10 %
 *
 * Where most idle times lie out of the histogram's range, ATC'20 forecasts them by ARIMA. In its stead stands the mean
 * of the last times, with the same margins: of a series without trend, ARIMA's forecast is its mean.
 */

import { defineKeepAlive } from 'cxlsim/keep-alive';

const bin_s = 60;

export default defineKeepAlive({
  description:
    'a histogram of idle times says when to make an instance ahead, and how long to keep it',
  parameters: {
    range_minutes: {
      default: 240,
      unit: 'minutes',
      minimum: 1,
      maximum: 10_000,
      description: 'bins of one minute; longer idle times are out of range',
      source: "ATC'20, section 4.2: 4 hours",
    },
    least_variation: {
      default: 2,
      unit: '',
      minimum: 0,
      description: 'coefficient of variation of the bins below which the histogram says nothing',
      source: "ATC'20, section 4.2",
    },
    forecast_times: {
      default: 8,
      unit: 'count',
      minimum: 1,
      description: 'last idle times of which the mean stands for an ARIMA forecast',
      source: 'assumed; stands for ARIMA',
    },
  },
  begin({ functions }, { range_minutes, least_variation, forecast_times }) {
    const histograms = functions.map(() => ({
      bins: new Uint32Array(Math.ceil(range_minutes)),
      within: 0,
      out: 0,
      last: [] as number[],
      squares: 0,
    }));
    const range_s = 60 * range_minutes;
    return {
      idle({ of, idle_before_s }) {
        const known = histograms[of]!;
        if (idle_before_s !== undefined) {
          const bin = Math.floor(idle_before_s / bin_s);
          if (bin < known.bins.length) {
            known.squares += 2 * known.bins[bin]! + 1;
            known.bins[bin]! += 1;
            known.within += 1;
          } else known.out += 1;
          known.last.push(idle_before_s);
          if (known.last.length > forecast_times) known.last.shift();
        }
        const count = known.within + known.out;
        if (count === 0) return { keep_s: range_s };
        if (known.out / count >= 0.5) {
          const mean_s = known.last.reduce((sum, each) => sum + each, 0) / known.last.length;
          return { keep_s: 0, ahead: { after_s: 0.85 * mean_s, keep_s: 0.3 * mean_s } };
        }
        if (variation(known.bins.length, known.within, known.squares) < least_variation) {
          return { keep_s: range_s };
        }
        const head_s = 0.9 * bin_s * binWhere(known.bins, 0.05 * known.within);
        const tail_s = 1.1 * bin_s * (1 + binWhere(known.bins, 0.99 * known.within));
        if (head_s === 0) return { keep_s: tail_s };
        return { keep_s: 0, ahead: { after_s: head_s, keep_s: Math.max(0, tail_s - head_s) } };
      },
    };
  },
});

/** Sample standard deviation of the bins over their mean. */
function variation(bins: number, sum: number, squares: number): number {
  if (bins < 2 || sum === 0) return 0;
  const mean = sum / bins;
  return Math.sqrt(Math.max(0, squares - bins * mean * mean) / (bins - 1)) / mean;
}

/** The first bin up to which there are at least so many. */
function binWhere(bins: Uint32Array, count: number): number {
  let sum = 0;
  for (let bin = 0; bin < bins.length; bin += 1) {
    sum += bins[bin]!;
    if (sum >= count && sum > 0) return bin;
  }
  return bins.length - 1;
}
