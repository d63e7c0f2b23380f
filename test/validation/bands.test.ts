/** Bands of the model's own error: how they are made, and whether the stored ones are what the code makes. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { coverage } from '../../experiments/calibration/bands.ts';
import { bandsPage } from '../../experiments/calibration/bands-page.ts';
import { type Linearised, linearise } from '../../experiments/calibration/fitted-model.ts';
import { bandsOf } from '../../experiments/calibration/known.ts';
import { nullLeftOut } from '../../experiments/calibration/null-model.ts';
import {
  intervalScore,
  predictionBand,
  type Residuals,
  without,
} from '../../experiments/calibration/prediction-band.ts';
import {
  kinds,
  modelLeftOut,
  type Predictor,
  publishedSystems,
  residualsOf,
} from '../../experiments/calibration/residuals.ts';
import { quantile, within } from '../../experiments/calibration/student.ts';

const residuals = (values: readonly number[]): Residuals =>
  new Map(values.map((value, index) => [`f${index}`, [value]]));
const near = (a: number, b: number, apart = 1e-9) =>
  assert.ok(Math.abs(a - b) <= apart * Math.max(1, Math.abs(b)), `${a} and ${b}`);
const some = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), {
  minLength: 3,
  maxLength: 12,
});

describe('Student’s t', () => {
  it('has the quantiles that tables print', () => {
    for (const [freedom, t] of [
      [1, 6.314],
      [2, 2.92],
      [3, 2.353],
      [4, 2.132],
      [5, 2.015],
      [11, 1.796],
      [30, 1.697],
    ] as const) {
      near(quantile(0.9, freedom), t, 5e-4);
    }
  });

  it('holds of each share what its quantile says', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        fc.integer({ min: 1, max: 40 }),
        (share, freedom) => near(within(quantile(share, freedom), freedom), share, 1e-9),
      ),
    );
  });
});

describe('a prediction band', () => {
  it('is the mean of the logarithms and t(n − 1) · s · √(1 + 1/n) on either side', () => {
    const { low, high } = predictionBand(residuals([-0.1, 0, 0.1]))!;
    near(Math.log(high), 2.91999 * 0.1 * Math.sqrt(4 / 3), 1e-5);
    near(Math.log(low), -Math.log(high));
  });

  it('keeps the bias: what multiplies all ratios multiplies both ends', () => {
    fc.assert(
      fc.property(some, fc.double({ min: -1, max: 1, noNaN: true }), (values, bias) => {
        const plain = predictionBand(residuals(values))!;
        const moved = predictionBand(residuals(values.map((value) => value + bias)))!;
        near(moved.low, plain.low * Math.exp(bias));
        near(moved.high, plain.high * Math.exp(bias));
      }),
    );
  });

  it('counts a function once, however often it was published', () => {
    fc.assert(
      fc.property(some, (values) => {
        const twice = new Map(values.map((value, index) => [`f${index}`, [value, value]]));
        const once = predictionBand(residuals(values))!;
        near(predictionBand(twice)!.low, once.low);
        near(predictionBand(twice)!.high, once.high);
      }),
    );
  });

  it('of fewer than three functions is none', () => {
    assert.equal(predictionBand(residuals([0.1, 0.2])), undefined);
    assert.equal(predictionBand(residuals([])), undefined);
  });

  it('holds its share of what is drawn as its residuals were', () => {
    // Sums of uniform numbers of a seeded generator, near enough to a normal distribution.
    let state = 12_345;
    const uniform = () => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      return state / 2 ** 31;
    };
    const drawn = () => Array.from({ length: 12 }, uniform).reduce((sum, each) => sum + each) - 6;
    let inside = 0;
    const times = 4000;
    for (let time = 0; time < times; time += 1) {
      const { low, high } = predictionBand(residuals(Array.from({ length: 6 }, drawn)))!;
      const next = Math.exp(drawn());
      if (low <= next && next <= high) inside += 1;
    }
    near(inside / times, 0.9, 0.02);
  });

  it('scores its width, and twenty times what lies outside', () => {
    near(intervalScore({ low: 1, high: 3 }, 2), 2);
    near(intervalScore({ low: 1, high: 3 }, 3.5), 2 + 20 * 0.5);
    near(intervalScore({ low: 1, high: 3 }, 0.5), 2 + 20 * 0.5);
  });
});

describe('bands of the model’s own error', function () {
  this.timeout(300_000);
  let linearised: Linearised;
  let model: Predictor;
  before(async () => {
    linearised = await linearise(publishedSystems);
    model = modelLeftOut(linearised);
  });

  it('are the stored ones (else: npm run --silent calibrate:known > sim/report/calibration.json)', () => {
    const path = new URL('../../sim/report/calibration.json', import.meta.url);
    const { bands } = JSON.parse(readFileSync(path, 'utf8'));
    assert.deepEqual(bandsOf(linearised), bands);
  });

  it('stand in docs/calibration.md (else: npm run --silent calibrate > docs/calibration.md)', () => {
    const page = readFileSync(new URL('../../docs/calibration.md', import.meta.url), 'utf8');
    assert.ok(page.includes(bandsPage(linearised)));
  });

  it('of a published function come from the others: what was published of it moves nothing', () => {
    const { rows } = bandsOf(linearised);
    for (const kind of kinds()) {
      const row = rows.find(
        ({ mechanism, policy, metric }) =>
          mechanism === kind.mechanism && policy === kind.policy && metric === kind.metric,
      )!;
      const all = residualsOf(kind, model);
      for (const name of all.keys()) {
        const lied = new Map([...all, [name, [5]]]);
        const { low, high } = predictionBand(without(lied, name))!;
        near(row.functions[name]!.low, low, 1e-3);
        near(row.functions[name]!.high, high, 1e-3);
      }
    }
  });

  it('hold 85 to 95 % of the published times that they were made without, end to end narrower than the null’s', () => {
    const { cells, inside } = coverage(model);
    assert.ok(cells > 90);
    assert.ok(inside / cells >= 0.85 && inside / cells <= 0.95, `${inside} of ${cells}`);
    const end_to_end = (predict: Predictor) =>
      coverage(predict, ({ metric }) => metric === 'end_to_end_ms').score;
    assert.ok(end_to_end(model) < end_to_end(nullLeftOut));
  });
});
