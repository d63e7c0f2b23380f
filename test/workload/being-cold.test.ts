import assert from 'node:assert/strict';
import fc from 'fast-check';
import { published, total_ms } from '../../experiments/calibration/published.ts';
import { findWorkload } from '../../sim/experiment/find-workload.ts';
import { kernelParameters } from '../../sim/memory/kernel-costs.ts';
import { valuesOf } from '../../sim/parameters.ts';
import { ns_per_ms } from '../../sim/units.ts';
import { exposedShare, ofAnyFunction, pooledPage_ns } from '../../sim/workload/being-cold.ts';
import { FunctionModels } from '../../sim/workload/models.ts';

const costs = valuesOf(kernelParameters);
const times = fc.nat(2e9);

/** Mean and spread of values that are each known to within their noise (Paule and Mandel 1982). */
function pooled(values: readonly { own: number; noise: number }[]) {
  const at = (spread: number) => {
    const weights = values.map(({ noise }) => 1 / (noise ** 2 + spread ** 2));
    const weight = weights.reduce((sum, each) => sum + each, 0);
    const mean = values.reduce((sum, { own }, i) => sum + weights[i]! * own, 0) / weight;
    const scatter = values.reduce((sum, { own }, i) => sum + weights[i]! * (own - mean) ** 2, 0);
    return { mean, spread, scatter };
  };
  let [low, high] = [0, 1e5];
  for (let halving = 0; halving < 60; halving += 1) {
    const middle = (low + high) / 2;
    if (at(middle).scatter > values.length - 1) low = middle;
    else high = middle;
  }
  return at(low);
}

describe('being cold', () => {
  it('has the mean, the spread and the noise that published functions have', () => {
    const differences = Object.values(published.functions).map(
      ({ mechanisms, policies }) =>
        policies['migrate-on-write']!.cold_ms! / total_ms(mechanisms['cxlfork']!) - 1,
    );
    const squares = differences.reduce((sum, each) => sum + each ** 2, 0);
    const noise = Math.sqrt(squares / differences.length);
    assert.ok(Math.abs(noise - costs.bar_noise) < 0.002, `${noise}`);

    const models = new FunctionModels();
    const { mean, spread } = pooled(
      Object.keys(published.local_fork_restore_ms).map((name) => {
        const workload = findWorkload(name, 'test', {});
        assert.ok(workload.kind === 'profile');
        const touches = models.of(workload, 1, costs).invocation(0)!.touches.length;
        const cold_ns = workload.local_fork_execution_ms * ns_per_ms;
        return {
          own: (cold_ns - workload.warm_ms * ns_per_ms) / touches,
          noise: (costs.bar_noise * cold_ns) / touches,
        };
      }),
    );
    assert.ok(Math.abs(mean / costs.cold_page_ns - 1) < 0.01, `${mean}`);
    assert.ok(Math.abs(spread / costs.cold_page_spread_ns - 1) < 0.01, `${spread}`);
  });

  it('exposes a share of latency between 0 and 1, above 0 for every function', () => {
    fc.assert(
      fc.property(times, times, fc.nat(1e6), (warm_ns, cold_ns, touches) => {
        const page_ns = pooledPage_ns({ warm_ns, cold_ns, touches }, costs);
        const share = exposedShare(page_ns, costs);
        assert.ok(share >= 0 && share <= 1);
        if (cold_ns > 0) assert.ok(page_ns > 0 && share > 0);
      }),
    );
  });

  it('is a function’s own where its times tell it, and that of others where they are noise', () => {
    const at = (touches: number) =>
      pooledPage_ns({ warm_ns: 100e6, cold_ns: 100e6 + touches * 500, touches }, costs);
    assert.ok(Math.abs(at(1e6) - 500) < 5);
    assert.ok(Math.abs(at(10) - costs.cold_page_ns) < 5);
  });

  it('is the mean of a function that tells nothing of it', () => {
    const { exposed_share, first_touch_ns } = ofAnyFunction(costs);
    assert.ok(Math.abs(exposed_share * 6400 + first_touch_ns - costs.cold_page_ns) < 1e-9);
  });
});
