/** Laws of what engines show over time, and of times as distributions. */

import assert from 'node:assert/strict';
import { runEngines } from '../../../sim/scenarios/kv-cache/run-engines.ts';
import { areSeries, type SeriesName } from '../../../sim/series.ts';
import { kvTrial } from './played.ts';

/** Twelve requests that have half of their prompt in common with every third other, in memory for some of them. */
const requests = Array.from({ length: 12 }, (_, index) => ({
  arrival_ns: index * 40e6,
  input_tokens: 512,
  output_tokens: 1 + 40 * (index % 4),
  identities: Array.from({ length: 32 }, (_, i) =>
    i < 16 ? (index % 3) * 100 + i : 1000 * index + i,
  ),
}));

function played(mechanism: string, kv_blocks = 100) {
  const parameters = { engine: { kv_blocks, hosts: 2 }, 'tiered-cache': { nvme_mb: 100_000 } };
  const { measurements, series = {} } = runEngines(kvTrial(requests, { mechanism, parameters }));
  const points = (name: SeriesName) => series[name]!.map(([at, value]) => ({ at, value }));
  return { measurements, series, points };
}

describe('engines over time', () => {
  it('are empty at their end, and never have more than they say of their most', () => {
    for (const mechanism of ['recompute', 'prefix-cache', 'tiered-cache']) {
      const { measurements, series, points } = played(mechanism);
      assert.ok(areSeries(series));
      for (const name of [
        'running_over_time',
        'queue_over_time',
        'used_kv_over_time_mb',
      ] as const) {
        assert.equal(points(name).at(-1)!.value, 0, `${mechanism} ${name}`);
      }
      assert.ok(points('running_over_time').some(({ value }) => value > 0));
      const used = points('used_kv_over_time_mb');
      const all = points('gpu_kv_over_time_mb');
      for (const [i, { value }] of all.entries()) {
        assert.ok(used[i]!.value <= value && value <= measurements.kv_memory_mb!);
      }
    }
  });

  it('compute as long in all stretches together as in all', () => {
    const { measurements, points } = played('prefix-cache');
    const share = points('busy_share_over_time');
    const busy_ms = share.reduce(
      (sum, { at, value }, i) => sum + value * (at - (share[i - 1]?.at ?? 0)),
      0,
    );
    // The last stretch ends with its millisecond.
    assert.ok(Math.abs(busy_ms / share.at(-1)!.at / measurements.busy_share! - 1) < 0.01);
  });

  it('tell which memory prompts are found in, and are silent where no prompt begins', () => {
    const { points } = played('tiered-cache', 70);
    const found = points('found_dram_share_over_time');
    assert.ok(found.some(({ value }) => value > 0));
    assert.ok(found.length < points('running_over_time').length - 1);
    assert.ok(points('host_kv_over_time_mb').at(-1)!.value > 0);
  });

  it('stay few, however long requests take', () => {
    const far = requests.map((each, index) => ({ ...each, arrival_ns: index * 1e11 }));
    const { series } = runEngines(kvTrial(far));
    const { length } = series!.running_over_time!;
    assert.ok(length > 100 && length <= 402, `${length} points`);
  });
});

describe('times of requests', () => {
  it('have the medians and percentiles that are measured', () => {
    const { measurements, series } = played('recompute');
    const at = (name: SeriesName, share: number) =>
      series[name]!.find(([mille]) => mille === share)![1];
    assert.equal(at('ttft_quantile_ms', 500), measurements.ttft_p50_ms);
    assert.equal(at('tpot_quantile_ms', 900), measurements.tpot_p90_ms);
    assert.equal(at('latency_quantile_ms', 900), measurements.latency_p90_ms);
  });
});
