import assert from 'node:assert/strict';
import fc from 'fast-check';
import { deriveSeed, exponential, latinHypercube, normal, randomStream } from '../sim/random.ts';

const seeds = fc.maxSafeInteger();
const names = fc.array(fc.string(), { maxLength: 3 });

/** Upper 0.1 % points of chi squared, from R: qchisq(0.999, c(9, 99)). */
const chi_squared = { 9: 27.87716, 99: 148.2304 };

function chiSquared(counts: readonly number[]): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const expected = total / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

describe('random streams', () => {
  // Python: the hash written anew, its words as one integer seed of random.Random, getrandbits(32).
  it('give the numbers that another implementation gives', () => {
    const stream = randomStream(1, 'pages', 0);
    assert.deepEqual(
      [stream.word(), stream.word(), stream.word()],
      [2225935661, 3111373438, 1757908753],
    );
    assert.equal(deriveSeed(1, 'bert', 0), 2407519191219397);
  });

  it('start again from the start for the same seed and names', () => {
    fc.assert(
      fc.property(seeds, names, (seed, parts) => {
        assert.deepEqual(
          randomStream(seed, ...parts).uniforms(8),
          randomStream(seed, ...parts).uniforms(8),
        );
      }),
    );
  });

  it('differ when a seed or a name differs, also when the names join to the same letters', () => {
    const texts = [
      randomStream(1, 'ab', 'c'),
      randomStream(1, 'a', 'bc'),
      randomStream(1, 'abc'),
      randomStream(1, 'abc', ''),
      randomStream(2, 'abc'),
      randomStream(-1, 'abc'),
    ].map((stream) => stream.uniforms(4).join());
    assert.equal(new Set(texts).size, texts.length);
  });

  it('of a thousand neighbouring names have unrelated first numbers', () => {
    const counts = new Array<number>(10).fill(0);
    let product = 0;
    let previous = 0.5;
    for (let index = 0; index < 1000; index++) {
      const value = randomStream(7, 'function', index).uniform();
      counts[Math.floor(value * 10)]! += 1;
      product += (value - 0.5) * (previous - 0.5) * 12;
      previous = value;
    }
    assert.ok(chiSquared(counts) < chi_squared[9]);
    // The sum of 1000 independent products has a standard deviation of the root of 1000.
    assert.ok(Math.abs(product) < 4 * Math.sqrt(1000));
  });

  it('draw batches as the single draws one by one', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 2 ** 32 }), (seed, below) => {
        const single = randomStream(seed, 'single');
        const batch = randomStream(seed, 'single');
        assert.deepEqual(
          [...batch.integers(5, below), ...batch.uniforms(5)],
          [
            ...Array.from({ length: 5 }, () => single.integer(below)),
            ...Array.from({ length: 5 }, () => single.uniform()),
          ],
        );
      }),
    );
  });

  it('stay inside the half-open interval', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 2 ** 32 }), (seed, below) => {
        const stream = randomStream(seed);
        for (const value of stream.integers(20, below)) assert.ok(value >= 0 && value < below);
        for (const value of stream.uniforms(20)) assert.ok(value >= 0 && value < 1);
      }),
    );
  });

  it('draw every whole number equally often', () => {
    const counts = new Array<number>(100).fill(0);
    for (const value of randomStream(3, 'even').integers(100_000, 100)) counts[value]! += 1;
    assert.ok(chiSquared(counts) < chi_squared[99]);
  });

  it('shuffle to a permutation, with every element equally likely in every place', () => {
    const counts = Array.from({ length: 10 }, () => new Array<number>(10).fill(0));
    const stream = randomStream(5, 'shuffle');
    for (let round = 0; round < 10_000; round++) {
      const order = stream.shuffle([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      assert.deepEqual(
        order.toSorted((a, b) => a - b),
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
      );
      order.forEach((item, place) => {
        counts[place]![item]! += 1;
      });
    }
    // Ten tests at 0.1 %: a true law fails one run in a hundred seeds; this seed is fixed.
    for (const place of counts) assert.ok(chiSquared(place) < chi_squared[9]);
  });

  it('refuse a seed that a double cannot hold exactly and an empty range', () => {
    assert.throws(() => randomStream(2 ** 53), RangeError);
    assert.throws(() => randomStream(0.5), RangeError);
    assert.throws(() => randomStream(1).integer(0), RangeError);
    assert.throws(() => randomStream(1).integer(2 ** 32 + 1), RangeError);
    assert.throws(() => randomStream(1).integer(1.5), RangeError);
  });
});

describe('derived seeds', () => {
  it('are safe integers that seed streams', () => {
    fc.assert(
      fc.property(seeds, names, (seed, parts) => {
        const derived = deriveSeed(seed, ...parts);
        assert.ok(Number.isSafeInteger(derived) && derived >= 0);
        randomStream(derived).word();
      }),
    );
  });

  it('do not collide over many workloads and repetitions', () => {
    const derived = new Set<number>();
    for (let workload = 0; workload < 50; workload++) {
      for (let repetition = 0; repetition < 200; repetition++) {
        derived.add(deriveSeed(1, `function-${workload}`, repetition));
      }
    }
    assert.equal(derived.size, 10_000);
  });
});

describe('Latin hypercubes', () => {
  const dimensions = fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 4 });

  it('have exactly one sample in every stratum of every dimension', () => {
    fc.assert(
      fc.property(seeds, dimensions, fc.integer({ min: 1, max: 300 }), (seed, axes, samples) => {
        for (const draws of latinHypercube(seed, axes, samples)) {
          const strata = [...draws].map((value) => Math.floor(value * samples));
          assert.deepEqual(
            strata.toSorted((a, b) => a - b),
            Array.from({ length: samples }, (_, index) => index),
          );
        }
      }),
    );
  });

  it('keep a dimension when another is added', () => {
    const [alone] = latinHypercube(1, ['fabric.cxl.latency_ns'], 20);
    const together = latinHypercube(1, ['parameters.criu.x', 'fabric.cxl.latency_ns'], 20);
    assert.deepEqual(together[1], alone);
    assert.notDeepEqual(together[0], together[1]);
  });

  it('draw each dimension in an order of its own', () => {
    const [a, b] = latinHypercube(1, ['a', 'b'], 1000) as [Float64Array, Float64Array];
    const product = a.reduce((sum, value, i) => sum + (value - 0.5) * (b[i]! - 0.5) * 12, 0);
    assert.ok(Math.abs(product) < 4 * Math.sqrt(1000));
  });
});

describe('draws from a distribution', () => {
  const draws = 100_000;

  /** Mean of a power of so many draws. */
  function moment(draw: typeof normal, power: number): number {
    const random = randomStream(1, draw.name);
    let sum = 0;
    for (let left = draws; left > 0; left--) sum += draw(random) ** power;
    return sum / draws;
  }

  // Raw moments, and their standard errors at so many draws: sqrt((E x^2k - (E x^k)^2) / draws).
  for (const { draw, moments } of [
    { draw: exponential, moments: [1, 2, 6, 24, 120, 720] },
    { draw: normal, moments: [0, 1, 0, 3, 0, 15] },
  ]) {
    it(`have the moments of the ${draw.name} one`, () => {
      for (const power of [1, 2, 3]) {
        const expected = moments[power - 1]!;
        const error = Math.sqrt((moments[2 * power - 1]! - expected ** 2) / draws);
        assert.ok(Math.abs(moment(draw, power) - expected) < 4 * error, `moment ${power}`);
      }
    });
  }

  it('are numbers for every uniform one', () => {
    for (const uniform of [0, 2 ** -53, 0.5, 1 - 2 ** -53]) {
      const fixed = { ...randomStream(1), uniform: () => uniform };
      assert.ok(exponential(fixed) >= 0 && exponential(fixed) < 37);
      assert.ok(Number.isFinite(normal(fixed)));
    }
  });
});
