import assert from 'node:assert/strict';
import fc from 'fast-check';
import { randomStream } from '../../../../sim/random.ts';
import { offsets_ns, spacings } from '../../../../sim/scenarios/cluster/arrivals/spacing.ts';

const minute_ns = 60e9;

/** How far the share of `values` below each lies from what is expected there (Kolmogorov and Smirnov). */
function furthest(values: readonly number[], expected: (value: number) => number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.max(
    ...sorted.map((value, i) =>
      Math.max(expected(value) - i / sorted.length, (i + 1) / sorted.length - expected(value)),
    ),
  );
}

describe('requests of a minute of which only the number is known', () => {
  it('are as many, in order, within it, at whole nanoseconds, whatever the rule', () => {
    const span = fc.record({
      spacing: fc.constantFrom(...spacings),
      count: fc.nat(50),
      length_ns: fc.oneof(fc.constant(minute_ns), fc.integer({ min: 1, max: 100 })),
      seed: fc.nat(),
    });
    fc.assert(
      fc.property(span, ({ spacing, count, length_ns, seed }) => {
        const offsets = offsets_ns(spacing, count, length_ns, randomStream(seed));
        assert.equal(offsets.length, count);
        for (const [i, offset] of offsets.entries()) {
          assert.ok(Number.isInteger(offset) && offset >= (offsets[i - 1] ?? 0));
          assert.ok(offset < length_ns);
        }
      }),
    );
  });

  it('begin with the minute unless they are shifted, so that all functions do together', () => {
    for (const spacing of spacings) {
      const firsts = Array.from(
        { length: 20 },
        (_, seed) => offsets_ns(spacing, 5, minute_ns, randomStream(seed))[0],
      );
      const together = firsts.filter((first) => first === 0).length;
      assert.equal(together, spacing.endsWith('_shift') ? 0 : firsts.length, spacing);
    }
  });

  it('lie at equal distances where they are equidistant', () => {
    const offsets = offsets_ns('equidistant', 4, minute_ns, randomStream(1));
    assert.deepEqual([...offsets], [0, 15e9, 30e9, 45e9]);
  });

  it('are, exponential and shifted, as many times that are independent and equally likely anywhere', () => {
    const random = randomStream(5);
    const minutes = Array.from({ length: 4000 }, () =>
      offsets_ns('exponential_shift', 3, minute_ns, random),
    );
    // The first of three uniform times has the distribution 1 − (1 − x)³, the last x³, the one between x² (3 − 2x).
    const nth = (index: number) => minutes.map((offsets) => offsets[index]! / minute_ns);
    const bound = 1.63 / Math.sqrt(minutes.length);
    assert.ok(furthest(nth(0), (x) => 1 - (1 - x) ** 3) < bound);
    assert.ok(furthest(nth(2), (x) => x ** 3) < bound);
    assert.ok(furthest(nth(1), (x) => x ** 2 * (3 - 2 * x)) < bound);
  });

  it('have, exponential, gaps of which each may be any share of the minute, and uniform ones more even gaps', () => {
    const variance = (spacing: 'exponential' | 'uniform') => {
      const random = randomStream(3);
      const gaps = Array.from({ length: 4000 }, () => {
        const [from, to] = offsets_ns(spacing, 10, minute_ns, random);
        return (to! - from!) / minute_ns;
      });
      const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
      return gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
    };
    // Shares of ten exponential draws are Dirichlet's: their variance is 9 / (100 · 11).
    assert.ok(Math.abs(variance('exponential') / (9 / 1100) - 1) < 0.1);
    assert.ok(variance('uniform') < variance('exponential') / 2);
  });
});
