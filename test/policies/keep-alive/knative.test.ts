/** Rules of Knative's autoscaler, as knative/serving has them, on one function whose load is made up. */

import assert from 'node:assert/strict';
import knative from '../../../policies/keep-alive/knative.ts';
import { valuesOf } from '../../../sim/parameters.ts';

const functions = [{ name: 'f', cold_start_s: 1, warm_s: 0.1, memory_mb: 100 }];

/** Instances every 2 s, each wish fulfilled at once. */
function played(
  loads: readonly number[],
  instances: number,
  set: Record<string, number> = {},
): number[] {
  const run = knative.begin({ functions }, valuesOf(knative.parameters!, set) as never);
  let there = instances;
  return loads.map((concurrency, tick) => {
    const view = { of: 0, now_s: 2 * tick, instances: there, ready: there, memory_used: 0 };
    there = run.scale!({ ...view, concurrency });
    return there;
  });
}

function ticks(count: number, concurrency: number): number[] {
  return new Array(count).fill(concurrency);
}

describe("Knative's autoscaler", () => {
  it('goes from a busy window to nothing by halves', () => {
    const counts = played([...ticks(30, 40), ...ticks(45, 0)], 60);
    const drops = counts.slice(1).map((count, at) => [counts[at]!, count] as const);
    for (const [before, after] of drops) {
      assert.ok(after >= Math.floor(before / 2), `${before} to ${after}`);
    }
    assert.equal(counts.at(-1), 0);
  });

  it('lets the last instance go with the stable window where its requests were proxied, else after 30 s', () => {
    const loads = [...ticks(30, 0.5), ...ticks(60, 0)];
    const gone_s = (set: Record<string, number>) => 2 * played(loads, 1, set).indexOf(0) - 60;
    // So few instances could never take 211 more: all is proxied all the time.
    assert.equal(gone_s({}), 58);
    // Without spare capacity to hold, requests of one that is not busy go straight to it.
    assert.equal(gone_s({ burst_capacity: 0 }), 58 + 30);
  });

  it('has never fewer while it panics', () => {
    const counts = played([...ticks(10, 1), ...ticks(3, 200), ...ticks(27, 0)], 2);
    const peak = Math.max(...counts);
    assert.ok(peak >= 200);
    assert.ok(counts.slice(counts.indexOf(peak)).every((count) => count === peak));
  });
});
