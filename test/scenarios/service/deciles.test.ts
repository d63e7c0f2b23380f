/** Functions by tenths, the busiest first: each is in one of them, with all that it took. */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import cxlporter from '../../../policies/keep-alive/cxlporter.ts';
import { findArrivals } from '../../../sim/experiment/described-inputs.ts';
import type { KeepAlive } from '../../../sim/keep-alive.ts';
import { byDecile } from '../../../sim/scenarios/service/deciles.ts';
import { MemoryOfFunctions } from '../../../sim/scenarios/service/memory-of-functions.ts';
import { nothing } from '../../../sim/scenarios/service/phase.ts';
import type { Fork } from '../../../sim/scenarios/service/start.ts';
import type { Points, SeriesOf } from '../../../sim/series.ts';
import { computing, functionOf, hosted, listed, served, startOf } from './served.ts';

const mb = 2 ** 20;
const some = fc.array(fc.record({ requests: fc.nat(40), cold: fc.nat(40), idle_mb: fc.nat(100) }), {
  minLength: 10,
  maxLength: 60,
});

function ledgerOf(functions: readonly { requests: number; cold: number; idle_mb: number }[]) {
  const memory_of = new MemoryOfFunctions(functions.length, 0);
  const [served_of, cold_of, fork_of] = [0, 1, 2].map(() => new Uint32Array(functions.length));
  for (const [of, { requests, cold, idle_mb }] of functions.entries()) {
    memory_of.idle.held(of, idle_mb * mb, 0, 1e9);
    if (requests > 0) served_of![of] = requests;
    if (cold > 0 && requests > 0) cold_of![of] = Math.min(cold, requests);
  }
  return {
    served_of: served_of!,
    cold_of: cold_of!,
    fork_of: fork_of!,
    memory_of,
    counted_ns: 1e9,
  };
}

/** Functions of Azure that are asked for once a minute at most, all alike; keep-alive is CXLporter's. */
function azure(fork: Fork | undefined, checkpoint_after: number) {
  const { source } = findArrivals('azure-2019-500-rare', 'here', { length_s: 7200 }).opened;
  const cold = startOf(50, 100 * mb, { restore: computing(500) });
  const alike = functionOf({ cold, ...(fork && { fork }) });
  const { series } = served({
    functions: source.functions.map((name) => ({ ...alike, name })),
    source,
    nodes: 2,
    cores: 64,
    capacity_mb: 2 ** 17,
    keep_alive: hosted(cxlporter as KeepAlive),
    settings: { checkpoint_after },
    parts: { warm_up_s: 3600, duration_s: 7200 },
  });
  return series!;
}

const sumOf = (points: Points) => points.reduce((sum, [, value]) => sum + value, 0);

/** Of the rarer half of the functions. */
const rarer = (points: Points) => points.slice(5);

/** Of all their requests. */
function coldShareOf({ decile_cold_start_share: shares, decile_requests: counts }: SeriesOf) {
  const requests = rarer(counts!);
  const cold = rarer(shares!).map(([at, share], index): [number, number] => [
    at,
    share * requests[index]![1],
  ]);
  return sumOf(cold) / sumOf(requests);
}

const checkpointed: Fork = {
  start: startOf(50, 10 * mb),
  checkpoint: nothing,
  cxl_bytes: 1,
  parent_bytes: 0,
  reach: 'any-node',
};

describe('functions by how often they are asked for', () => {
  it('start from nothing where they are rarely called, unless a checkpoint is taken early and outlives its parent', () => {
    const late = azure(checkpointed, 16);
    const early = azure(checkpointed, 1);
    assert.ok(coldShareOf(azure(undefined, 1)) > 0.8);
    assert.ok(coldShareOf(late) > 0.8);
    assert.ok(coldShareOf(early) < 0.2);
    const held = ({ decile_local_memory_mb: all }: SeriesOf) => sumOf(rarer(all!));
    const parents = azure({ ...checkpointed, parent_bytes: 100 * mb }, 1);
    assert.ok(held(parents) > 5 * held(early));
  });

  it('are in one tenth each, the busiest in the first: requests and memory of all tenths come to all', () => {
    fc.assert(
      fc.property(some, (functions) => {
        const asked = functions.filter(({ requests }) => requests > 0);
        const told = byDecile(ledgerOf(functions));
        if (asked.length < 10) return assert.deepEqual(told, {});
        assert.deepEqual(
          told.decile_requests!.map(([at]) => at),
          [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
        );
        assert.equal(
          sumOf(told.decile_requests!),
          asked.reduce((sum, { requests }) => sum + requests, 0),
        );
        const idle_mb = asked.reduce((sum, each) => sum + each.idle_mb, 0);
        assert.ok(Math.abs(sumOf(told.decile_idle_memory_mb!) - idle_mb) < 1e-6);
        const cold = told.decile_cold_start_share!.map(([at, share], index): [number, number] => [
          at,
          share * told.decile_requests![index]![1],
        ]);
        const started = asked.reduce((sum, each) => sum + Math.min(each.cold, each.requests), 0);
        assert.ok(Math.abs(sumOf(cold) - started) < 1e-6);
      }),
    );
  });

  it('of which one in four has more cold starts than cold_start_p75_share says, whatever the others have', () => {
    const names = ['never again', 'twice', 'often', 'as often'];
    const times = [
      [0, 0],
      [0, 1],
      [1, 1],
      ...Array.from({ length: 20 }, (_, index): [number, number] => [index / 10, 2]),
      ...Array.from({ length: 20 }, (_, index): [number, number] => [index / 10, 3]),
    ] as [number, number][];
    const { measurements, series } = served({
      functions: names.map((name) => functionOf({ name, cold: startOf(1, mb) })),
      source: listed(times.sort((a, b) => a[0] - b[0])),
      cores: 4,
    });
    // 1, 1/2, 1/20 and 1/20 of their requests: a quarter of the way from 1/2 to 1.
    assert.equal(measurements.cold_start_p75_share, 0.625);
    assert.equal(series?.decile_requests, undefined);
  });
});
