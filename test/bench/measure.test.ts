import assert from 'node:assert/strict';
import type { Comparison, Timing } from '../../bench/comparison.ts';
import { measure } from '../../bench/measure.ts';

/** Work whose timings are given instead of taken: the first is the round that does not count. */
function scripted(...cpu_ns: number[]): () => Timing {
  let round = 0;
  return () => ({ operations: 1000, cpu_ns: cpu_ns[round++]!, checksum: 1 });
}

function compare(wanted: Partial<Comparison>): Comparison {
  return { name: 'a', operations: 'events', run: scripted(9, 1000, 500, 2000), ...wanted };
}

describe('benchmark measurement', () => {
  it('gives the median rate in million operations a second, the first round left out', () => {
    assert.equal(measure(compare({}), 3).rate, 1000);
  });

  it('gives the median of the ratios of each round, not the ratio of the medians', () => {
    const baseline = { name: 'b', run: scripted(9, 1000, 250, 500) };
    const outcome = measure(compare({ baseline }), 3);
    assert.deepEqual(outcome.baseline, { name: 'b', rate: 2000, ratio: 0.5 });
  });

  it('meets its targets only if it reaches all of them', () => {
    const baseline = () => ({ name: 'b', run: scripted(9, 1000, 250, 500) });
    const met = (target_ratio: number, target_rate: number) =>
      measure(compare({ baseline: baseline(), target_ratio, target_rate }), 3).met;
    assert.deepEqual([met(0.5, 1000), met(0.51, 1000), met(0.5, 1001)], [true, false, false]);
  });

  it('judges no ratio where the baseline is missing, and says why', () => {
    const baseline = { name: 'b', missing: 'no C compiler (cc) here' };
    const outcome = measure(compare({ baseline, target_ratio: 0.6 }), 3);
    assert.equal(outcome.met, undefined);
    assert.deepEqual(outcome.baseline, baseline);
  });

  it('refuses to compare what does not come to the same', () => {
    const baseline = { name: 'b', run: () => ({ operations: 1000, cpu_ns: 1, checksum: 2 }) };
    assert.throws(() => measure(compare({ baseline }), 1), /the same work is needed/);
  });
});
