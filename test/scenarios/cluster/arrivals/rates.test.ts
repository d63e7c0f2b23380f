import assert from 'node:assert/strict';
import fc from 'fast-check';
import { valuesOf } from '../../../../sim/parameters.ts';
import { randomStream } from '../../../../sim/random.ts';
import { arrivalKinds } from '../../../../sim/scenarios/cluster/arrivals/kinds.ts';
import { DiurnalRate } from '../../../../sim/scenarios/cluster/arrivals/processes/diurnal.ts';
import { gapOf, SteppedRate } from '../../../../sim/workload/arrivals/rate.ts';

type Values = Record<string, number | boolean | string>;

function times_s(kind: string, values: Values, seed = 1): number[] {
  const { parameters, open } = arrivalKinds[kind]!;
  const { source } = open({}, valuesOf(parameters, values));
  return [...source.arrivals(randomStream(seed))].map(({ at_ns }) => at_ns / 1e9);
}

describe('a rate in steps', () => {
  it('lets pass as many as it expects between two times', () => {
    const steps = fc.array(
      fc.record({ length_s: fc.integer({ min: 1, max: 9 }), per_s: fc.nat(5) }),
      { minLength: 1, maxLength: 8 },
    );
    const moves = fc.array(fc.double({ min: 0, max: 20, noNaN: true }), { maxLength: 8 });
    fc.assert(
      fc.property(steps, moves, (lengths, all) => {
        let end = 0;
        const laid = lengths.map(({ length_s, per_s }) => {
          end += length_s;
          return { from_s: end - length_s, to_s: end, per_s };
        });
        const expectedUntil = (at_s: number) =>
          laid.reduce(
            (sum, { from_s, to_s, per_s }) =>
              sum + per_s * Math.max(0, Math.min(at_s, to_s) - from_s),
            0,
          );
        const rate = new SteppedRate(laid, end);
        let at_s = 0;
        for (const more of all) {
          const next_s = rate.after(at_s, more);
          const left = expectedUntil(end) - expectedUntil(at_s);
          if (next_s === Number.POSITIVE_INFINITY) {
            assert.ok(more >= left - 1e-9);
            return;
          }
          assert.ok(Math.abs(expectedUntil(next_s) - expectedUntil(at_s) - more) < 1e-9);
          at_s = next_s;
        }
      }),
    );
  });
});

describe('the rate of day and night', () => {
  it('lets pass as many as its integral says, and never goes back', () => {
    const cycle = fc.record({
      rate_per_s: fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
      swing: fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true })),
      period_s: fc.double({ min: 1, max: 1e5, noNaN: true }),
      peak_s: fc.double({ min: 0, max: 1e5, noNaN: true }),
    });
    const share = fc.double({ min: 1e-3, max: 3, noNaN: true });
    fc.assert(
      fc.property(cycle, share, share, (values, begin, periods) => {
        const { rate_per_s, swing, period_s, peak_s } = values;
        const from_s = begin * period_s;
        const more = periods * period_s * rate_per_s;
        const to_s = new DiurnalRate(values).after(from_s, more);
        // The integral of 1 + swing · cos, by itself.
        const wave = (at_s: number) => Math.sin((2 * Math.PI * (at_s - peak_s)) / period_s);
        const passed =
          rate_per_s *
          (to_s - from_s + ((swing * period_s) / (2 * Math.PI)) * (wave(to_s) - wave(from_s)));
        assert.ok(to_s >= from_s);
        assert.ok(Math.abs(passed - more) <= 1e-6 * (1 + more), `${passed} is not ${more}`);
      }),
    );
  });

  it('is highest at its peak and lowest half a period later', () => {
    const all = times_s('diurnal', { swing: 0.8, period_s: 1000, peak_s: 250, length_s: 10_000 });
    const near = (at_s: number) =>
      all.filter((time) => Math.abs((time % 1000) - at_s) < 50).length / (10 * 100);
    // The mean of the cosine over a tenth of a period is sin(0.1 π) / (0.1 π).
    const mean = Math.sin(0.1 * Math.PI) / (0.1 * Math.PI);
    assert.ok(Math.abs(near(250) / (10 * (1 + 0.8 * mean)) - 1) < 0.05);
    assert.ok(Math.abs(near(750) / (10 * (1 - 0.8 * mean)) - 1) < 0.1);
  });
});

describe('gaps', () => {
  it('are 1 in the mean, and vary as is asked for', () => {
    for (const variation of [0, 0.5, 1, 2]) {
      const random = randomStream(2);
      const gaps = Array.from({ length: 60_000 }, () => gapOf(random, variation));
      const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
      const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
      assert.ok(Math.abs(mean - 1) < 0.03, `mean ${mean} with ${variation}`);
      assert.ok(Math.abs(Math.sqrt(variance) - variation) < 0.06 * (1 + variation));
    }
  });
});

describe('processes', () => {
  for (const kind of ['diurnal', 'common-bursts', 'spikes']) {
    it(`${kind} has the rate in the mean that is asked for`, () => {
      const length_s = 200_000;
      const short = {
        'common-bursts': { on_s: 3, off_s: 7 },
        spikes: { every_s: 20, lasting_s: 1 },
      };
      const own = { period_s: 1000, ...short[kind as keyof typeof short] } as Values;
      const { parameters } = arrivalKinds[kind]!;
      const values = Object.fromEntries(Object.entries(own).filter(([key]) => key in parameters));
      const all = times_s(kind, { rate_per_s: 0.5, length_s, ...values });
      assert.ok(Math.abs(all.length / length_s / 0.5 - 1) < 0.04, `${all.length}`);
      assert.ok(all.every((time, i) => time >= (all[i - 1] ?? 0) && time < length_s));
    });
  }

  it('that spike have in spikes so many times the rate between them', () => {
    const spiky = { rate_per_s: 10, factor: 10, every_s: 90, lasting_s: 10, at_random: false };
    const all = times_s('spikes', { ...spiky, length_s: 10_000 });
    const inSpike = (time: number) => time % 100 >= 90;
    const spike = all.filter(inSpike).length / 1000;
    const calm = all.filter((time) => !inSpike(time)).length / 9000;
    assert.ok(Math.abs(spike / calm / 10 - 1) < 0.08, `${spike / calm} times`);
  });

  it('ask for the k-th function in proportion to a power of k', () => {
    const { parameters, open } = arrivalKinds['diurnal']!;
    const values = { functions: 4, popularity: 2, rate_per_s: 100, length_s: 1000 };
    const { source, facts } = open({}, valuesOf(parameters, values));
    const counts = [0, 0, 0, 0];
    for (const { of } of source.arrivals(randomStream(1))) counts[of]! += 1;
    for (const [k, count] of counts.entries()) {
      assert.ok(Math.abs((count / counts[0]!) * (k + 1) ** 2 - 1) < 0.06);
      assert.equal(facts[k]!.invocations, (k + 1) ** -2);
    }
  });
});
