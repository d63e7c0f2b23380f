/** What is taken is given back, and each request ends exactly once, whatever happens; the audit at the end of a trial throws else. */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import cxlporter from '../../../policies/keep-alive/cxlporter.ts';
import fixedTtl from '../../../policies/keep-alive/fixed-ttl.ts';
import greedyDual from '../../../policies/keep-alive/greedy-dual.ts';
import hybridHistogram from '../../../policies/keep-alive/hybrid-histogram.ts';
import knative from '../../../policies/keep-alive/knative.ts';
import none from '../../../policies/keep-alive/none.ts';
import leastLoaded from '../../../policies/routing/least-loaded.ts';
import locality from '../../../policies/routing/locality.ts';
import roundRobin from '../../../policies/routing/round-robin.ts';
import twoChoices from '../../../policies/routing/two-choices.ts';
import type { KeepAlive } from '../../../sim/keep-alive.ts';
import type { Routing } from '../../../sim/routing.ts';
import { poisson } from '../../../sim/scenarios/cluster/arrivals/poisson.ts';
import type { Fork } from '../../../sim/scenarios/service/start.ts';
import { Steps } from '../../../sim/scenarios/service/steps.ts';
import { two_nodes } from '../../arbitraries.ts';
import { computing, functionOf, hosted, listed, served, startOf } from './served.ts';

const mb = 2 ** 20;
const keep_alives = [
  none,
  fixedTtl,
  greedyDual,
  hybridHistogram,
  knative,
  cxlporter,
] as KeepAlive[];
const routings = [roundRobin, leastLoaded, locality, twoChoices] as Routing[];

const step = { ns: 5e5, read_bytes: 8e5, write_bytes: 2e4, parents_write_bytes: 0 };

function forkOf(parts: Partial<Fork> = {}): Fork {
  const reading = { fixed_ns: 4e6, lines: 2000, read_bytes: 6e6, write_bytes: 1e5 };
  const steps = Array.from({ length: 4 }, () => ({ ...step }));
  const by_turns = new Steps({ before_ns: 1e5, steps }, two_nodes.cxl);
  return {
    start: startOf(5, 8 * mb, {
      turns: { restoring: by_turns, touching: by_turns, reading: () => reading },
      restore: { ...reading, lines: 0 },
      first: reading,
      warm: { ...reading, read_bytes: 2e6 },
      leans_on_device: true,
    }),
    checkpoint: { fixed_ns: 1e7, lines: 0, read_bytes: 0, write_bytes: 2e7 },
    cxl_bytes: 20 * mb,
    parent_bytes: 0,
    reach: 'any-node',
    ...parts,
  };
}

const functions = ['a', 'b', 'c'].map((name, index) =>
  functionOf({
    name,
    cold: startOf(4 + index, (20 + 10 * index) * mb, { restore: computing(60) }),
    fork: forkOf(index === 2 ? { parent_bytes: 25 * mb } : {}),
  }),
);

const cluster = fc.record({
  keep_alive: fc.constantFrom(...keep_alives),
  routing: fc.constantFrom(...routings),
  nodes: fc.integer({ min: 1, max: 3 }),
  cores: fc.integer({ min: 1, max: 3 }),
  capacity_mb: fc.integer({ min: 5, max: 200 }),
  fails: fc.constantFrom('nothing', 'node', 'device', 'parent'),
  checkpoint_after: fc.integer({ min: 0, max: 4 }),
  seed: fc.integer({ min: 0, max: 1000 }),
  reach: fc.constantFrom('own-node', 'any-node'),
});

/** One node on a device of so much memory. */
function fabricOf(capacity_mb: number) {
  const { cxl, node } = two_nodes;
  return { ...two_nodes, nodes: 1, node: { ...node, cores: 4 }, cxl: { ...cxl, capacity_mb } };
}

/** No container is kept, so that all memory is some function's. */
function played(
  { keep_alive, routing, fails, checkpoint_after, reach, ...rest }: ClusterOf,
  warm_up_s = 0,
) {
  return served({
    ...rest,
    functions: functions.map(({ fork, ...each }) => ({
      ...each,
      fork: { ...fork!, reach, ...(reach === 'own-node' && { parent_bytes: 12 * mb }) } as Fork,
    })),
    source: poisson(['a', 'b', 'c'], 60, 4, 0.5),
    keep_alive: hosted(keep_alive),
    routing: hosted(routing),
    parts: { warm_up_s },
    settings: {
      ...{
        fails,
        fails_at_s: 1.5,
        repair_s: 0.7,
        checkpoint_after,
        container_ms: 20,
        shell_kb: 64,
      },
      ...{ timeout_s: 1, failures_per_day: 20_000, most_waiting: 200 },
    },
  });
}
type ClusterOf = typeof cluster extends fc.Arbitrary<infer T> ? T : never;

describe('a cluster that serves', () => {
  it('gives back all that it took, and ends each request once, under any policy and failure', () => {
    fc.assert(
      fc.property(cluster, (asked) => {
        const { measurements: m, service } = played(asked);
        const { served: done, dropped, broken, 'timed out': late } = service.ledger.ends;
        assert.equal(done + dropped + broken + late, m.requests);
        const shares = (m.cold_start_share ?? 0) + (m.fork_share ?? 0);
        assert.ok(shares <= 1 + 1e-12);
        const { memory } = service.nodes[0]!;
        assert.ok((m.device_used_share ?? 0) <= 1.01);
        assert.ok(m.local_memory_most_mb! * mb <= memory.capacity_bytes * service.nodes.length);
      }),
      { numRuns: 150 },
    );
  });

  it('held all memory for some function: what functions held comes to what was held', () => {
    fc.assert(
      fc.property(cluster, (asked) => {
        const { ledger } = played(asked, 0.7).service;
        for (const [kind, all] of [
          ['local', ledger.sums.local_bytes],
          ['idle', ledger.sums.idle_bytes],
          ['cxl', ledger.sums.cxl_bytes],
        ] as const) {
          const sum = ledger.memory_of[kind].sums.reduce((held, each) => held + each, 0);
          assert.ok(Math.abs(sum - all) <= 1e-9 * all, `${kind}: ${sum} of ${all}`);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('gives back the memory of parents whose checkpoints give way to others', () => {
    const both = forkOf({ parent_bytes: 12 * mb, cxl_bytes: 20 * mb });
    // Room for two of the checkpoints.
    const fabric = fabricOf(45);
    const { measurements, service } = served({
      functions: functions.map((each) => ({ ...each, fork: both })),
      source: poisson(['a', 'b', 'c'], 30, 20, 0),
      cores: 4,
      keep_alive: hosted(fixedTtl as KeepAlive, { minutes: 0.001 }),
      settings: { checkpoint_after: 1 },
      parts: { fabric },
    });
    assert.ok(measurements.checkpoints_reclaimed! > 0);
    assert.equal(service.nodes[0]!.memory.held_bytes, 0);
  });

  it('measures the same again', () => {
    fc.assert(
      fc.property(cluster, (asked) => {
        assert.deepEqual(played(asked).measurements, played(asked).measurements);
      }),
      { numRuns: 15 },
    );
  });

  it('drops requests of a function that no node has the memory for, and says so', () => {
    const source = listed([
      [0, 0],
      [1, 0],
    ]);
    const big = functionOf({ cold: startOf(1, 64 * mb) });
    const { measurements } = served({ functions: [big], source, capacity_mb: 32 });
    assert.equal(measurements.dropped, 2);
    assert.equal(measurements.latency_ms, undefined);
  });

  it('refuses requests whose times fall, and those of functions that it does not have', () => {
    assert.throws(
      () =>
        served({
          source: listed([
            [1, 0],
            [0.5, 0],
          ]),
        }),
      /times that never fall/,
    );
    assert.throws(
      () => served({ source: listed([[1, 3]]) }),
      /arrival of function 3; expected a number from 0 to 0/,
    );
  });

  it('refuses answers of policies that are none', () => {
    const source = () =>
      listed([
        [0, 0],
        [0.1, 0],
      ]);
    const keeping = (keep_s: unknown): KeepAlive => ({
      description: 'wrong',
      begin: () => ({ idle: () => ({ keep_s }) as never }),
    });
    for (const wrong of [Number.NaN, -1, '60', undefined]) {
      assert.throws(
        () => served({ source: source(), keep_alive: hosted(keeping(wrong)) }),
        /keep-alive policy own answers .* to idle; expected \{ keep_s \} of at least 0/,
      );
    }
    for (const wrong of [-1, 1, 0.5, 'node 0', undefined]) {
      const routing: Routing = {
        description: 'wrong',
        begin: () => ({ route: () => wrong as never }),
      };
      assert.throws(
        () => served({ source: source(), routing: hosted(routing) }),
        /routing policy own answers .* to route; expected the index of a node that it was shown, of 0/,
      );
    }
  });

  it('serves on under a policy that keeps everything for ever, as far as memory goes', () => {
    const forever: KeepAlive = {
      description: 'keeps all',
      begin: () => ({ idle: () => ({ keep_s: Number.POSITIVE_INFINITY }) }),
    };
    const names = Array.from({ length: 12 }, (_, index) => `f${index}`);
    const { measurements } = served({
      functions: names.map((name) => functionOf({ name, cold: startOf(1, 40 * mb) })),
      source: poisson(names, 50, 10, 0),
      capacity_mb: 100,
      keep_alive: hosted(forever),
    });
    assert.equal(measurements.dropped, 0);
    assert.equal(measurements.timed_out, 0);
    assert.ok(measurements.local_memory_most_mb! <= 100);
  });
});
