/** Laws of comparing two sets of results. */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { randomStream } from '../../sim/random.ts';
import { compareResults, type Side } from '../../sim/results/compare-results.ts';
import type { Measurement } from '../../sim/results/measurements-csv.ts';
import { stubMeasurements, systems } from '../report/stub-measurements.ts';

const all = stubMeasurements({ systems, workloads: ['float', 'bert'] });

function side(rows: readonly Measurement[], parts: Partial<Side> = {}): Side {
  return { rows, seed: 1, relative_times: false, ...parts };
}

function changed(rows: readonly Measurement[], parts: Partial<Measurement>): Measurement[] {
  return rows.map((row) => ({ ...row, ...parts }));
}

/** One metric of one mechanism, as often as there are values. */
function sample(values: readonly number[], parts: Partial<Measurement> = {}): Measurement[] {
  return values.map((value, repetition) => ({
    experiment: 'e',
    backend: 'host',
    mechanism: 'cxlfork',
    policy: 'hybrid',
    workload: 'float',
    repetition,
    swept: {},
    metric: 'end_to_end_ms',
    value,
    ...parts,
  }));
}

/** The verdict on a single metric. */
function verdict(a: readonly Measurement[], b: readonly Measurement[], parts: Partial<Side> = {}) {
  const [only, ...more] = compareResults(side(a, parts), side(b, parts));
  assert.equal(more.length, 0);
  return only!;
}

describe('two sets of results', () => {
  it('are equal in all metrics where they are the same, in whatever order the rows stand', () => {
    const shuffled = fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length });
    fc.assert(
      fc.property(shuffled, (rows) => {
        const differences = compareResults(side(all), side(rows));
        assert.equal(new Set(differences.map((each) => each.verdict)).size, 1);
        assert.ok(differences.every((each) => each.verdict === 'equal' && each.difference === 0));
        assert.equal(differences.length * 3, all.length);
      }),
      { numRuns: 10 },
    );
  });

  it('differ in B as much as they do in A, the other way round', () => {
    const values = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 8 });
    const seeds = fc.constantFrom(1, 2);
    fc.assert(
      fc.property(
        values,
        values,
        seeds,
        fc.constantFrom('host', 'simulated'),
        (x, y, seed, backend) => {
          const a = side(sample(x, { backend }));
          const b = side(sample(y, { backend }), { seed });
          const [forth] = compareResults(a, b);
          const [back] = compareResults(b, a);
          assert.equal(forth!.verdict, back!.verdict);
          assert.equal(forth!.difference! + back!.difference!, 0);
          assert.deepEqual(
            [forth!.interval?.low, forth!.interval?.high],
            [back!.interval && -back!.interval.high, back!.interval && -back!.interval.low].map(
              (end) => (end === undefined ? undefined : end + 0),
            ),
          );
        },
      ),
    );
  });

  it('match by mechanism, policy, workload and swept values, never by backend', () => {
    const other = changed(all, { backend: 'vm' });
    const differences = compareResults(side(all), side(other, { seed: 1 }));
    assert.ok(differences.every((each) => each.a !== undefined && each.b !== undefined));
  });

  it('name every row that one side lacks', () => {
    const some = all.filter((row) => row.mechanism !== 'criu' && row.metric !== 'warm_ms');
    const count = (rows: Side, others: Side, of: string) =>
      compareResults(rows, others).filter((each) => each.verdict === of).length;
    const missing = (all.length - some.length) / 3;
    assert.equal(count(side(all), side(some), 'only-in-A'), missing);
    assert.equal(count(side(some), side(all), 'only-in-B'), missing);
  });

  it('never have times of an emulator compared, and always its counts', () => {
    const emulated = side(changed(all, { backend: 'vm' }), { relative_times: true });
    for (const each of compareResults(side(all), emulated)) {
      const is_time = each.metric.endsWith('_ms');
      assert.equal(each.verdict === 'relative-times', is_time, each.metric);
      assert.equal(each.difference === undefined, is_time);
    }
  });
});

describe('two runs of the simulator with one seed', () => {
  it('differ where one repetition differs: their random numbers are the same', () => {
    const value = fc.integer({ min: 1, max: 100 });
    const pairs = fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(pairs, (both) => {
        const parts = { backend: 'simulated' };
        const a = sample(
          both.map(([x]) => x),
          parts,
        );
        const b = sample(
          both.map(([, y]) => y),
          parts,
        );
        const differ = both.some(([x, y]) => x !== y);
        assert.equal(verdict(a, b).verdict, differ ? 'different' : 'equal');
      }),
    );
  });
});

describe('two samples', () => {
  it('of one law are called different in at most 5 % of cases, whatever their size', () => {
    const random = randomStream(1, 'null effect');
    for (const [n, m] of [
      [3, 3],
      [4, 4],
      [5, 9],
      [20, 20],
    ] as const) {
      let different = 0;
      for (let round = 0; round < 1000; round++) {
        const draw = (count: number) => Array.from({ length: count }, () => random.uniform());
        if (verdict(sample(draw(n)), sample(draw(m))).verdict === 'different') different++;
      }
      // 5 % of 1,000, and three standard deviations.
      assert.ok(different <= 50 + 3 * Math.sqrt(1000 * 0.05 * 0.95), `${n}, ${m}: ${different}`);
    }
  });

  it('far apart are called different once there are four on each side', () => {
    const near = (count: number) => sample(Array.from({ length: count }, (_, i) => 1 + i / 100));
    const far = (count: number) => sample(Array.from({ length: count }, (_, i) => 9 + i / 100));
    assert.deepEqual(
      [1, 2, 3, 4, 5].map((count) => verdict(near(count), far(count)).verdict),
      ['undecided', 'undecided', 'undecided', 'different', 'different'],
    );
  });

  it('of counts without noise differ as soon as they are not equal', () => {
    const metric = 'pages_copied';
    const a = sample([825], { metric });
    const b = sample([826], { metric, backend: 'simulated' });
    const { verdict: said, difference, relative, interval } = verdict(a, b);
    assert.deepEqual([said, difference, relative, interval], ['different', 1, 1 / 825, undefined]);
    const [other_seed] = compareResults(side(a), side(b, { seed: 2 }));
    assert.equal(other_seed!.verdict, 'undecided');
  });

  it('have no relative difference where A is zero', () => {
    const { difference, relative } = verdict(sample([0, 0, 0, 0]), sample([2, 2, 2, 2]));
    assert.deepEqual([difference, relative], [2, undefined]);
  });
});
