import assert from 'node:assert/strict';
import fc from 'fast-check';
import { quantile } from '../sim/quantile.ts';

const shares = [0, 0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 1];

describe('the quantile', () => {
  it("is NumPy's", () => {
    // numpy.quantile of NumPy 2.4.6.
    const stored: [number[], number[]][] = [
      [
        [0.5, 1.25, 3, 3, 8.75, 21, 34.5],
        [0.5, 0.545, 2.125, 3, 26.4, 33.69, 34.419, 34.5],
      ],
      [
        [7, 9],
        [7, 7.02, 7.5, 8, 8.8, 8.98, 8.998, 9],
      ],
    ];
    for (const [values, expected] of stored) {
      for (const [index, share] of shares.entries()) {
        const found = quantile(values, share);
        assert.ok(Math.abs(found - expected[index]!) < 1e-12, `${found} of ${share}`);
      }
    }
  });

  it('never falls as its share grows, and stays among the values, in arrays of either kind', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, one, other) => {
          const rising = Float64Array.from(values).sort();
          const low = quantile(rising, Math.min(one, other));
          const high = quantile(rising, Math.max(one, other));
          assert.ok(rising[0]! <= low && low <= high && high <= rising.at(-1)!);
          assert.equal(low, quantile([...rising], Math.min(one, other)));
        },
      ),
    );
  });

  it('has as large a share of evenly spaced values below it as it is asked for', () => {
    for (const share of shares) {
      assert.ok(Math.abs(quantile([0, 10, 20, 30, 40], share) - 40 * share) < 1e-9);
    }
  });
});
