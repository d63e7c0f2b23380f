/** Laws of medians, intervals, paired comparison and regret. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { Measurement } from '../../sim/results/measurements-csv.ts';
import {
  compare,
  medianInterval,
  regret,
  summarize,
  summaryOf,
} from '../../sim/results/summarize.ts';

const number = fc.double({ min: -1e9, max: 1e9, noNaN: true });

function row(parts: Partial<Measurement>): Measurement {
  return {
    experiment: 'e',
    backend: 'simulated',
    mechanism: 'cxlfork',
    policy: 'none',
    workload: 'float',
    repetition: 0,
    swept: {},
    metric: 'end_to_end_ms',
    value: 1,
    ...parts,
  };
}

describe('summary', () => {
  const { vectors } = JSON.parse(
    readFileSync(new URL('./median-intervals.json', import.meta.url), 'utf8'),
  ) as { vectors: { values: number[]; median: number; low: number; high: number }[] };
  for (const { values, median, low, high } of vectors) {
    it(`of ${values.length} stored values has SciPy's median and 95 % interval`, () => {
      const summary = summaryOf(values);
      assert.ok(Math.abs(summary.median - median) < 1e-9);
      assert.deepEqual([summary.interval?.low, summary.interval?.high], [low, high]);
      assert.ok(summary.interval!.confidence >= 0.95);
    });
  }

  it('of one repetition is that value, without an interval and without a claim', () => {
    fc.assert(
      fc.property(number, (value) => {
        assert.deepEqual(summaryOf([value]), {
          repetitions: 1,
          median: value + 0,
          deterministic: false,
          interval: undefined,
        });
      }),
      { examples: [[-0]] },
    );
  });

  it('is deterministic, without an interval, exactly where several repetitions agree', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(1, 2), { minLength: 2, maxLength: 8 }), (values) => {
        const agree = new Set(values).size === 1;
        const summary = summaryOf(values);
        assert.equal(summary.deterministic, agree);
        assert.equal(summary.interval === undefined, agree);
      }),
    );
  });

  it('does not depend on the order of repetitions', () => {
    const values = fc.array(number, { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(values, (forth) => {
        assert.deepEqual(summaryOf(forth), summaryOf(forth.toReversed()));
      }),
      { examples: [[[-0, 0]], [[0, -0, 1]]] },
    );
  });

  it('of nothing is an error', () => {
    assert.throws(() => summaryOf([]), /at least one value/);
  });
});

describe('median interval', () => {
  it('covers the median as often as it says: by counting all samples of a fair coin', () => {
    for (let n = 2; n <= 14; n++) {
      const { low, high, confidence } = medianInterval(Array.from({ length: n }, (_, i) => i));
      // Each value is below the true median or not, with equal odds; the interval covers the median
      // if at least low + 1 values lie below it and at most high.
      let covered = 0;
      for (let sample = 0; sample < 2 ** n; sample++) {
        const below = [...sample.toString(2)].filter((bit) => bit === '1').length;
        if (below > low && below <= high) covered++;
      }
      assert.ok(Math.abs(covered / 2 ** n - confidence) < 1e-12, `${n} values`);
    }
  });

  it('is the narrowest of its kind with 95 %, and the range where none has', () => {
    for (let n = 2; n <= 60; n++) {
      const ranks = Array.from({ length: n }, (_, i) => i + 1);
      const { low, high, confidence } = medianInterval(ranks);
      assert.equal(low + high, n + 1);
      if (n < 6) assert.deepEqual([low, high], [1, n]);
      else assert.ok(confidence >= 0.95);
      if (n >= 6 && low < n / 2) {
        let outside = 0;
        for (let k = 0, term = 2 ** -n; k <= low; term *= (n - k) / (k + 1), k++) outside += term;
        assert.ok(1 - 2 * outside < 0.95, `${n} values: [${low + 1}, ${n - low}] would do`);
      }
    }
  });
});

describe('groups', () => {
  it('hold all repetitions of a mechanism, policy, workload and swept point, and nothing else', () => {
    const rows = [
      row({ repetition: 0, value: 1 }),
      row({ repetition: 0, value: 9, workload: 'bert' }),
      row({ repetition: 1, value: 3 }),
      row({ repetition: 1, value: 7, metric: 'warm_ms' }),
      row({ repetition: 0, value: 5, policy: 'hybrid' }),
    ];
    assert.deepEqual(
      summarize(rows).map(({ workload, policy, metrics }) => [
        workload,
        policy,
        metrics.end_to_end_ms?.median,
        metrics.warm_ms?.median,
      ]),
      [
        ['float', 'none', 2, 7],
        ['bert', 'none', 9, undefined],
        ['float', 'hybrid', 5, undefined],
      ],
    );
  });
});

describe('comparison', () => {
  it('is made repetition by repetition, so that a spread both share cancels', () => {
    const values = fc.array(fc.double({ min: 1, max: 1e6, noNaN: true }), { minLength: 2 });
    fc.assert(
      fc.property(values, (shared) => {
        const rows = shared.flatMap((value, repetition) => [
          row({ mechanism: 'local-fork', repetition, value }),
          row({ mechanism: 'cxlfork', repetition, value: 2 * value }),
        ]);
        const [fork, child] = summarize(rows);
        const { ratio } = compare(child!, fork!, 'end_to_end_ms')!;
        assert.deepEqual([ratio!.median, ratio!.deterministic], [2, true]);
      }),
    );
  });

  it('leaves out repetitions that only one side has', () => {
    const [fork, child] = summarize([
      row({ mechanism: 'local-fork', repetition: 0, value: 1 }),
      row({ mechanism: 'cxlfork', repetition: 0, value: 3 }),
      row({ mechanism: 'cxlfork', repetition: 1, value: 100 }),
    ]);
    const { ratio, difference } = compare(child!, fork!, 'end_to_end_ms')!;
    assert.deepEqual([ratio!.median, ratio!.repetitions, difference.median], [3, 1, 2]);
    assert.equal(compare(child!, fork!, 'warm_ms'), undefined);
  });

  it('has a difference but no ratio where the baseline is zero', () => {
    const [fork, child] = summarize([
      row({ mechanism: 'local-fork', value: 0 }),
      row({ mechanism: 'cxlfork', value: 3 }),
    ]);
    const { ratio, difference } = compare(child!, fork!, 'end_to_end_ms')!;
    assert.deepEqual([ratio, difference.median], [undefined, 3]);
  });
});

describe('regret', () => {
  const groups = summarize([
    row({ policy: 'hybrid', value: 12 }),
    row({ policy: 'clairvoyant', value: 10 }),
    row({ policy: 'hybrid', value: 50, workload: 'bert' }),
  ]);

  it('is the end-to-end latency over that of the clairvoyant policy at the same point', () => {
    assert.equal(regret(groups[0]!, groups)?.median, 2);
    assert.equal(regret(groups[1]!, groups)?.median, 0);
  });

  it('is unknown where no clairvoyant policy ran', () => {
    assert.equal(regret(groups[2]!, groups), undefined);
  });
});
