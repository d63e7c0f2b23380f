import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Answer, Verdict } from '../../sim/validation/answer.ts';
import { changesOf } from '../../sim/validation/stored-verdicts.ts';
import { errorOf, isWithin } from '../../sim/validation/tolerance.ts';

const positive = fc.double({ min: 1e-6, max: 1e6, noNaN: true });
const relative = (size: number) => ({ size, relative: true });

describe('the tolerance of a claim', () => {
  it('is met by the published value itself, and by what is off by less', () => {
    fc.assert(
      fc.property(positive, fc.double({ min: 0, max: 0.5, noNaN: true }), (value, off) => {
        assert.ok(isWithin({ value }, relative(0), value));
        assert.ok(isWithin({ value }, relative(off), value * (1 + off)));
        assert.ok(!isWithin({ value }, relative(off), value * (1 + off + 1e-6)));
      }),
    );
  });

  it('of bounds is met inside them, and its error is that to the nearest bound', () => {
    fc.assert(
      fc.property(positive, positive, positive, (a, b, modelled) => {
        const [at_least, at_most] = a < b ? [a, b] : [b, a];
        const published = { at_least, at_most };
        const inside = at_least <= modelled && modelled <= at_most;
        const error = errorOf(published, relative(0), modelled);
        assert.equal(error === 0, inside);
        if (modelled > at_most) assert.equal(error, modelled / at_most - 1);
        if (modelled < at_least) assert.equal(error, modelled / at_least - 1);
      }),
    );
  });

  it('is in the unit of the claim where it is absolute', () => {
    const absolute = { size: 0.1, relative: false };
    assert.equal(errorOf({ value: 0 }, absolute, 0.05), 0.05);
    assert.ok(isWithin({ value: 0 }, absolute, -0.1));
    assert.ok(!isWithin({ value: 0 }, absolute, 0.2));
  });

  it('is not met by what is no number', () => {
    assert.ok(!isWithin({ value: 1 }, relative(1), Number.NaN));
  });
});

describe('stored verdicts', () => {
  const answer = (verdict: Verdict) => ({ claim: { id: 'a/b' }, verdict }) as unknown as Answer;
  for (const [before, now, lost] of [
    ['holds', 'misses', true],
    ['fitted', 'misses', true],
    ['input', 'cannot run', true],
    ['misses', 'holds', false],
    ['cannot run', 'misses', false],
    ['holds', 'input', false],
  ] as const) {
    it(`are ${lost ? 'lost' : 'changed'} from ${before} to ${now}`, () => {
      const [change] = changesOf([answer(now)], { 'a/b': before });
      assert.deepEqual(change, { id: 'a/b', before, now, lost });
    });
  }

  it('are as they were where nothing differs, and of new claims there are none', () => {
    assert.deepEqual(changesOf([answer('holds')], { 'a/b': 'holds' }), []);
    assert.deepEqual(changesOf([answer('misses')], {}), []);
  });
});
