import assert from 'node:assert/strict';
import fc from 'fast-check';
import { randomStream } from '../../../../sim/random.ts';
import type { Arrival } from '../../../../sim/scenarios/cluster/arrivals/arrivals.ts';
import { computings } from '../../../../sim/scenarios/cluster/arrivals/computing.ts';
import type { FunctionFacts } from '../../../../sim/scenarios/cluster/arrivals/function-facts.ts';
import { PartOf } from '../../../../sim/scenarios/cluster/arrivals/part-of.ts';
import { spacings } from '../../../../sim/scenarios/cluster/arrivals/spacing.ts';
import { SpanArrivals } from '../../../../sim/scenarios/cluster/arrivals/span-arrivals.ts';
import { Spans } from '../../../../sim/scenarios/cluster/arrivals/spans.ts';

const spans = fc.array(
  fc.record({
    of: fc.nat(3),
    from_ns: fc.nat(200),
    length_ns: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 100 })),
    count: fc.nat(8),
  }),
  { maxLength: 30 },
);
const spacing = fc.constantFrom(...spacings);

const facts: FunctionFacts[] = ['a', 'b', 'c', 'd'].map((name) => ({ name, invocations: 1 }));

function held(rows: readonly { of: number; from_ns: number; length_ns: number; count: number }[]) {
  const all = new Spans();
  for (const { of, from_ns, length_ns, count } of rows) {
    all.add(of, from_ns, from_ns + length_ns, count);
  }
  return all;
}

describe('arrivals of spans', () => {
  it('come in order of time, in each span as many as it says and no other', () => {
    fc.assert(
      fc.property(spans, spacing, fc.nat(), (rows, rule, seed) => {
        const source = new SpanArrivals(facts, held(rows), { spacing: rule, computing: 'own' });
        const all = [...source.arrivals(randomStream(seed))];
        for (const [i, { at_ns }] of all.entries()) assert.ok(at_ns >= (all[i - 1]?.at_ns ?? 0));
        // By counting alone: none is before its span or behind it, by the numbers of each function up to each time.
        for (const [of] of facts.entries()) {
          const own = all.filter((each) => each.of === of);
          const mine = rows.filter((row) => row.of === of);
          for (let time = 0; time <= 301; time += 1) {
            const came = own.filter(({ at_ns }) => at_ns < time).length;
            const most = mine.filter(({ from_ns }) => from_ns < time);
            const least = mine.filter(
              ({ from_ns, length_ns }) => from_ns + Math.max(1, length_ns) <= time,
            );
            assert.ok(came <= sum(most) && came >= sum(least));
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('are the same from the same source of chance', () => {
    fc.assert(
      fc.property(spans, spacing, fc.nat(), (rows, rule, seed) => {
        const source = new SpanArrivals(facts, held(rows), { spacing: rule, computing: 'own' });
        assert.deepEqual(
          [...source.arrivals(randomStream(seed))],
          [...source.arrivals(randomStream(seed))],
        );
      }),
    );
  });

  it('compute as their function does, or as the trace tells: by its average, or between its percentiles', () => {
    const bands = [10, 20, 30, 40, 50, 60, 70_000];
    const told = [{ name: 'a', invocations: 1, duration_ms: 37, duration_bands_ms: bands }];
    const all = held([{ of: 0, from_ns: 0, length_ns: 1e6, count: 20_000 }]);
    const [own, average, percentiles] = computings.map((computing) => {
      const source = new SpanArrivals(told, all, { spacing: 'equidistant', computing });
      return [...source.arrivals(randomStream(1))].map(({ duration_ns }) => duration_ns);
    });
    assert.ok(own!.every((each) => each === undefined));
    assert.ok(average!.every((each) => each === 37e6));
    const below = (ms: number) => percentiles!.filter((each) => each! < ms * 1e6).length / 20_000;
    for (const [ms, share] of [
      [20, 0.01],
      [30, 0.25],
      [35, 0.375],
      [40, 0.5],
      [50, 0.75],
      [60, 0.99],
    ] as const) {
      assert.ok(Math.abs(below(ms) - share) < 0.012, `${below(ms)} below ${ms} ms, not ${share}`);
    }
    assert.ok(percentiles!.every((each) => each! >= 10e6 && each! <= 60e9));
  });
});

describe('a part of what arrives', () => {
  const all = held([{ of: 0, from_ns: 0, length_ns: 1000, count: 1000 }]);
  const source = new SpanArrivals(facts, all, { spacing: 'equidistant', computing: 'own' });
  const times = (part: { from_ns: number; length_ns: number; share: number }) =>
    [...new PartOf(source, part).arrivals(randomStream(4))].map(({ at_ns }: Arrival) => at_ns);

  it('lies within its window, where time begins at 0', () => {
    assert.deepEqual(times({ from_ns: 10, length_ns: 3, share: 1 }), [0, 1, 2]);
  });

  it('is about the share that is asked for', () => {
    const kept = times({ from_ns: 0, length_ns: 1000, share: 0.25 }).length;
    assert.ok(Math.abs(kept - 250) < 4 * Math.sqrt(1000 * 0.25 * 0.75), `${kept}`);
  });
});

function sum(rows: readonly { readonly count: number }[]): number {
  return rows.reduce((total, { count }) => total + count, 0);
}
