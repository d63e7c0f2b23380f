import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Tried } from '../../../sim/scenarios/service/tried.ts';

/** Falls from `high` at `low` on, as one over a line, and is flat where it would be lower than `low`. */
const falling = fc
  .record({
    low: fc.double({ min: 1, max: 1e4, noNaN: true }),
    more: fc.double({ min: 1e-3, max: 1e4, noNaN: true }),
    fall: fc.double({ min: 0, max: 10, noNaN: true }),
  })
  .map(({ low, more, fall }) => ({
    low,
    high: low + more,
    answer: (x: number) => low + more / (1 + (fall * (x - low)) / more),
  }));

describe('what has been tried of a function that never rises', () => {
  it('tells of everything below and above where its answer is what was tried as asking would', () => {
    fc.assert(
      fc.property(
        falling,
        fc.array(fc.double({ min: 0, max: 1, noNaN: true })),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true })),
        ({ low, high, answer }, tries, asked) => {
          const tried = new Tried();
          tried.begin(low, high);
          for (const share of tries) {
            const x = low + share * (high - low);
            tried.told(x, answer(x));
          }
          const slack = 1e-9 * high;
          for (const share of asked) {
            const x = low + share * (high - low);
            if (x < tried.above_ns - slack) assert.ok(answer(x) > x);
            if (x > tried.below_ns + slack) assert.ok(answer(x) <= x);
          }
        },
      ),
    );
  });

  it('encloses that place to a ten-thousandth after a few steps', () => {
    fc.assert(
      fc.property(falling, ({ low, high, answer }) => {
        const tried = new Tried();
        tried.begin(low, high);
        let x = high;
        for (let step = 0; step < 40 && tried.below_ns - tried.above_ns >= 1e-4; step += 1) {
          tried.told(x, answer(x));
          x = tried.next_ns;
        }
        assert.ok(tried.below_ns - tried.above_ns < 1e-4);
      }),
    );
  });
});
