import assert from 'node:assert/strict';
import fc from 'fast-check';
import { findArrivals } from '../../../../sim/experiment/described-inputs.ts';
import { randomStream } from '../../../../sim/random.ts';
import { MappedArrivals } from '../../../../sim/scenarios/cluster/arrivals/mapped-arrivals.ts';
import { mapFunctions, mapped_by } from '../../../../sim/scenarios/cluster/arrivals/mapping.ts';

const size = fc.double({ min: 0.1, max: 1e5, noNaN: true });
const workloads = fc
  .array(fc.record({ duration_ms: size, memory_mb: size }), { minLength: 1, maxLength: 6 })
  .map((all) => all.map((each, index) => ({ name: `w${index}`, ...each })));
const functions = fc
  .array(
    fc.record(
      { invocations: fc.nat(1000), duration_ms: size, memory_mb: size },
      { requiredKeys: ['invocations'] },
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map((all) => all.map((each, index) => ({ name: `f${index}`, ...each })));
const rule = fc.record({
  by: fc.constantFrom(...mapped_by),
  within_factor: fc.double({ min: 1, max: 50, noNaN: true }),
});
const abc = [
  { name: 'a', duration_ms: 10, memory_mb: 24 },
  { name: 'b', duration_ms: 10, memory_mb: 256 },
  { name: 'c', duration_ms: 1000, memory_mb: 24 },
];

describe('functions of a trace', () => {
  it('are mapped to a workload within the factor in all that counts, or to none', () => {
    fc.assert(
      fc.property(functions, workloads, rule, (all, candidates, { by, within_factor }) => {
        const { workload_of, unmapped } = mapFunctions(all, candidates, { by, within_factor });
        for (const [index, each] of all.entries()) {
          const keys = (['duration_ms', 'memory_mb'] as const).filter(
            (key) =>
              each[key] !== undefined && (by === 'duration-and-memory' || key.startsWith(by)),
          );
          const isNear = (candidate: (typeof candidates)[number]) =>
            keys.every((key) => {
              const times = each[key]! / candidate[key];
              return times <= within_factor * 1.000001 && 1 / times <= within_factor * 1.000001;
            });
          const found = workload_of[index];
          if (found !== undefined) assert.ok(keys.length === 0 || isNear(candidates[found]!));
          else assert.ok(!candidates.some((each) => isNear(each) && within_factor > 1.001));
        }
        assert.equal(unmapped.functions, workload_of.filter((found) => found === undefined).length);
      }),
    );
  });

  it('are all mapped, or told to be none’s: shares of workloads and what is unmapped come to 1', () => {
    fc.assert(
      fc.property(functions, workloads, rule, (all, candidates, how) => {
        const { share_of_workload, unmapped } = mapFunctions(all, candidates, how);
        const shares = share_of_workload.reduce((sum, share) => sum + share, 0);
        const asked = all.some(({ invocations }) => invocations > 0);
        assert.ok(Math.abs(shares + unmapped.invocations_share - (asked ? 1 : 0)) < 1e-9);
      }),
    );
  });

  it('get the nearest by factors, and not by differences', () => {
    const facts = [
      { name: 'x', invocations: 1, duration_ms: 12, memory_mb: 100 },
      { name: 'y', invocations: 1, duration_ms: 120, memory_mb: 24 },
      { name: 'z', invocations: 1, duration_ms: 99, memory_mb: 24 },
    ];
    const { workload_of } = mapFunctions(facts, abc, {
      by: 'duration-and-memory',
      within_factor: 100,
    });
    // 100 MB is 4.2 times 24, and 256 is 2.6 times that; 120 ms is 12 times 10, and 1,000 is 8.3 times that.
    assert.deepEqual(workload_of, [1, 2, 0]);
  });

  it('that have a workload’s name are its own, and those nothing is known of get workloads in turn', () => {
    const facts = ['c', 'f', 'g', 'h'].map((name) => ({ name, invocations: 1 }));
    const { workload_of, unmapped } = mapFunctions(facts, abc, {
      by: 'duration-and-memory',
      within_factor: 2,
    });
    assert.deepEqual(workload_of, [2, 1, 2, 0]);
    // Absent, not zero: nothing says how long they compute.
    assert.deepEqual(unmapped, { functions: 0, invocations_share: 0 });
  });

  it('that no workload stands for are told by their share of requests and of time', () => {
    const facts = [
      { name: 'x', invocations: 90, duration_ms: 10, memory_mb: 24 },
      { name: 'y', invocations: 10, duration_ms: 60_000, memory_mb: 24 },
    ];
    const { unmapped } = mapFunctions(facts, abc, { by: 'duration', within_factor: 4 });
    assert.equal(unmapped.functions, 1);
    assert.equal(unmapped.invocations_share, 0.1);
    assert.ok(Math.abs(unmapped.time_share! - 600_000 / 600_900) < 1e-12);
  });
});

describe('requests of mapped functions', () => {
  it('are those of the functions that a workload stands for, as often as the shares say', () => {
    const { facts, source } = findArrivals('azure-2019-100', 'here').opened;
    const mapping = mapFunctions(facts, abc, { by: 'duration-and-memory', within_factor: 4 });
    const mapped = new MappedArrivals(source, mapping.workload_of);
    const counts = [0, 0, 0];
    let total = 0;
    for (const { of } of mapped.arrivals(randomStream(1))) {
      counts[mapped.workload_of[of]!]! += 1;
      total += 1;
    }
    const all = facts.reduce((sum, { invocations }) => sum + invocations, 0);
    assert.deepEqual(
      counts.map((count) => count / all),
      mapping.share_of_workload,
    );
    const left_out = (all - total) / all;
    assert.ok(Math.abs(left_out - mapping.unmapped.invocations_share) < 1e-12);
    assert.ok(left_out > 0 && total > 0);
  });
});
