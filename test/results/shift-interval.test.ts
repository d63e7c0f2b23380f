/** Laws of the shift between two samples, against making all differences and all rankings. */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { mannWhitney, shiftInterval } from '../../sim/results/shift-interval.ts';

const value = fc.oneof(
  fc.integer({ min: -5, max: 5 }),
  fc.double({ min: -1e6, max: 1e6, noNaN: true }),
);
const sample = fc.array(value, { minLength: 1, maxLength: 12 });

describe('the shift between two samples', () => {
  it('is the median of all differences, and its interval ends at differences', () => {
    fc.assert(
      fc.property(sample, sample, (a, b) => {
        const differences = a.flatMap((x) => b.map((y) => y - x)).sort((x, y) => x - y);
        const { shift, interval } = shiftInterval(a, b);
        const middle = differences.length / 2;
        const median = (differences[Math.ceil(middle) - 1]! + differences[Math.floor(middle)]!) / 2;
        assert.ok(Math.abs(shift - median) <= 1e-9 * Math.max(1, Math.abs(median)));
        const low = differences.indexOf(interval.low);
        const high = differences.lastIndexOf(interval.high);
        assert.ok(low >= 0 && high >= 0);
        assert.ok(interval.low <= shift && shift <= interval.high);
      }),
    );
  });

  it('turns its sign with the sides', () => {
    fc.assert(
      fc.property(sample, sample, (a, b) => {
        const forth = shiftInterval(a, b);
        const back = shiftInterval(b, a);
        assert.equal(forth.shift + back.shift, 0);
        assert.equal(forth.interval.low + back.interval.high, 0);
        assert.equal(forth.interval.confidence, back.interval.confidence);
      }),
    );
  });

  it('is enclosed by R wilcox.test(b, a, conf.int = TRUE) on its textbook example', () => {
    // Hollander and Wolfe, 4.1: permeability of the chorioamnion at term and earlier.
    const term = [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
    const early = [1.15, 0.88, 0.9, 0.74, 1.21];
    const { shift, interval } = shiftInterval(early, term);
    assert.ok(Math.abs(shift - 0.305) < 1e-9);
    assert.ok(Math.abs(interval.low - -0.15) < 1e-9);
    assert.ok(Math.abs(interval.high - 0.76) < 1e-9);
    assert.ok(interval.confidence >= 0.95 && interval.confidence < 0.97);
  });

  it('says what the interval of few values is worth', () => {
    const confidence = (n: number) =>
      shiftInterval(
        Array.from({ length: n }, (_, i) => i),
        Array.from({ length: n }, (_, i) => i + 0.5),
      ).interval.confidence;
    // The whole range fails only if all values of one side are the lower: 2 of all the choices.
    const choices = [2, 6, 20, 70];
    for (const [index, count] of choices.entries()) {
      if (index + 1 < 4) assert.ok(Math.abs(confidence(index + 1) - (1 - 2 / count)) < 1e-12);
      else assert.ok(confidence(index + 1) >= 0.95);
    }
  });

  it('holds at any number of values, by the normal law above 5,000 pairs', () => {
    const many = Array.from({ length: 3000 }, (_, i) => i);
    const { shift, interval } = shiftInterval(
      many,
      many.map((each) => each + 7),
    );
    assert.equal(shift, 7);
    assert.ok(interval.low < 7 && interval.high > 7 && interval.high - interval.low < 200);
  });
});

describe('the distribution of the rank sum', () => {
  it('counts the orders of all values, each as likely', () => {
    for (let n = 1; n <= 5; n++) {
      for (let m = 1; m <= 5; m++) {
        const counts = new Array<number>(n * m + 1).fill(0);
        for (const order of orders(n, m)) counts[inversions(order)]! += 1;
        const total = counts.reduce((sum, each) => sum + each);
        const known = [...mannWhitney(n, m)];
        assert.equal(known.length, counts.length);
        for (const [u, count] of counts.entries()) {
          assert.ok(Math.abs(known[u]! - count / total) < 1e-12, `${n}, ${m}, ${u}`);
        }
      }
    }
  });
});

/** Every way to merge n values of one sample (0) and m of the other (1). */
function orders(n: number, m: number): number[][] {
  if (n === 0) return [new Array<number>(m).fill(1)];
  if (m === 0) return [new Array<number>(n).fill(0)];
  return [
    ...orders(n - 1, m).map((rest) => [0, ...rest]),
    ...orders(n, m - 1).map((rest) => [1, ...rest]),
  ];
}

/** Pairs in which the second sample's value comes first. */
function inversions(order: readonly number[]): number {
  let ones = 0;
  let pairs = 0;
  for (const each of order) {
    if (each === 1) ones++;
    else pairs += ones;
  }
  return pairs;
}
