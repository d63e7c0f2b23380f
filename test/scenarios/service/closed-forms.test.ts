/** Queues whose means are known: a cluster that serves must have them. */

import assert from 'node:assert/strict';
import fixedTtl from '../../../policies/keep-alive/fixed-ttl.ts';
import type { KeepAlive } from '../../../sim/keep-alive.ts';
import { exponential, functionOf, hosted, ms, queueOf, served, startOf } from './served.ts';

/** Within so many per cent. */
function near(value: number, right: number, percent: number): void {
  const off = Math.abs(value / right - 1) * 100;
  assert.ok(off <= percent, `${value} is ${off.toFixed(2)} % off ${right}`);
}

/** Probability that all channels are busy (Erlang C), at `load` channels' worth of work. */
function erlangC(channels: number, load: number): number {
  const blocked = erlangB(channels, load);
  return blocked / (1 - (load / channels) * (1 - blocked));
}

function erlangB(channels: number, load: number): number {
  let blocked = 1;
  for (let count = 1; count <= channels; count += 1) {
    blocked = (load * blocked) / (count + load * blocked);
  }
  return blocked;
}

const patient = { timeout_s: 86_400 };
const requests = 80_000;

describe('a cluster that serves', () => {
  for (const [cores, rate_per_s] of [
    [1, 600],
    [4, 3200],
  ] as const) {
    it(`has the mean wait of M/M/${cores}`, () => {
      const source = queueOf(requests, rate_per_s, exponential(1));
      const { latency_ms, wait_ms } = served({
        cores,
        source,
        settings: patient,
      }).measurements;
      const wait = (erlangC(cores, rate_per_s / 1000) / (cores * 1000 - rate_per_s)) * 1000;
      near(wait_ms!, wait, 6);
      near(latency_ms!, wait + 1, 4);
    });
  }

  it('has the mean wait of M/G/1 for service that is constant, and for service of two lengths', () => {
    for (const draw of [() => 1, (uniform: () => number) => (uniform() < 0.9 ? 0.5 : 5.5)]) {
      const rate_per_s = 700;
      const { wait_ms } = served({
        source: queueOf(requests, rate_per_s, draw),
        settings: patient,
      }).measurements;
      // E[S²] of 1, and of 0.9 · 0.25 + 0.1 · 30.25.
      const second_moment = draw.length === 0 ? 1 : 3.25;
      const wait = ((rate_per_s / 1000) * second_moment) / (2 * (1 - rate_per_s / 1000));
      near(wait_ms!, wait, 8);
    }
  });

  it('loses the share of Erlang where nobody may wait, whatever the lengths of service', () => {
    for (const draw of [exponential(1), () => 1]) {
      const { dropped, requests: all } = served({
        cores: 5,
        source: queueOf(requests, 4000, draw),
        settings: { most_waiting: 0 },
      }).measurements;
      near(dropped! / all!, erlangB(5, 4), 4);
    }
  });

  it("obeys Little's law: requests in it are their rate times what each takes", () => {
    const source = queueOf(requests, 3500, exponential(1));
    const { service, measurements } = served({ cores: 4, source, settings: patient });
    const { in_system } = service.ledger.sums;
    const latencies_ns = service.ledger.latencies_ns.reduce((sum, each) => sum + each, 0);
    near(in_system, latencies_ns, 1e-6);
    const per_s = measurements.requests! / (service.ledger.counted_ns / 1e9);
    near(measurements.in_system_mean!, (per_s * measurements.latency_ms!) / 1000, 1e-6);
  });

  it('finds an instance as often as exponential gaps are shorter than a fixed time', () => {
    for (const [ttl_s, rate_per_s] of [
      [1, 0.5],
      [2, 1],
    ] as const) {
      const source = queueOf(20_000, rate_per_s, () => 1e-6);
      const keep_alive = hosted(fixedTtl as KeepAlive, { minutes: ttl_s / 60 });
      const { cold_start_share } = served({ source, keep_alive }).measurements;
      near(1 - cold_start_share!, 1 - Math.exp(-rate_per_s * ttl_s), 2);
    }
  });

  it('makes a request that is alone wait for shell, start and run, and for nothing else', () => {
    const start = startOf(3, 0, {
      restore: { fixed_ns: 20 * ms, lines: 0, read_bytes: 0, write_bytes: 0 },
    });
    const { measurements } = served({
      functions: [functionOf({ cold: start })],
      source: queueOf(1, 1, () => 3),
      settings: { container_ms: 130 },
    });
    assert.equal(measurements.latency_ms, 153);
    assert.equal(measurements.shell_ms, 130);
    assert.equal(measurements.start_ms, 20);
    assert.equal(measurements.run_ms, 3);
  });
});
