/** Laws of requests at the rates of one trace with the lengths of another. */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ns_per_s } from '../../../sim/units.ts';
import { expectedRequests, requestsAtRates } from '../../../sim/workload/llm/rated-requests.ts';
import { requestsOf } from '../../../sim/workload/llm/requests.ts';

const lengths = requestsOf([
  { arrival_ns: 0, input_tokens: 100, output_tokens: 7, identities: [1, 2] },
  { arrival_ns: 1, input_tokens: 2000, output_tokens: 1 },
  { arrival_ns: 2, input_tokens: 3, output_tokens: 500 },
]);
const pairs = new Set(['100 7', '2000 1', '3 500']);

const whole = { from_s: 0, length_s: 1e8, share: 1, variation: 1 };
const stepped = (rates: readonly number[]) =>
  rates.map((per_s, i) => ({ from_s: 10 * i, to_s: 10 * (i + 1), per_s }));

describe('requests at the rates of one trace with the lengths of another', () => {
  it('come in time order within the part, with prompt and answer of one request and blocks of none', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 1, maxLength: 6 }),
        fc.record({
          from_s: fc.integer({ min: 0, max: 70 }),
          length_s: fc.integer({ min: 1, max: 70 }),
          share: fc.constantFrom(0.1, 1),
          variation: fc.constantFrom(0, 1, 3),
        }),
        fc.integer(),
        (rates, part, seed) => {
          const rated = { steps: stepped(rates), lengths };
          const requests = requestsAtRates(rated, { ...part, seed });
          let before_ns = 0;
          for (let i = 0; i < requests.count; i += 1) {
            const at_ns = requests.arrival_ns[i]!;
            assert.ok(at_ns >= before_ns && at_ns <= part.length_s * ns_per_s);
            const at_s = at_ns / ns_per_s + part.from_s;
            assert.ok(rates[Math.floor(at_s / 10)]! > 0, `none is asked for at ${at_s} s`);
            assert.ok(pairs.has(`${requests.input_tokens[i]} ${requests.output_tokens[i]}`));
            before_ns = at_ns;
          }
          assert.equal(requests.identities.length, 0);
          assert.deepEqual(requestsAtRates(rated, { ...part, seed }), requests);
        },
      ),
    );
  });

  it('are as many as the rates say, exactly where gaps are equal', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 0, max: 40 }),
        fc.integer({ min: 1, max: 40 }),
        (rates, from_s, length_s) => {
          const steps = stepped(rates);
          const part = { ...whole, from_s, length_s };
          const expected = rates.reduce((sum, per_s, i) => {
            const seconds = Math.min(10 * (i + 1), from_s + length_s) - Math.max(10 * i, from_s);
            return sum + per_s * Math.max(0, seconds);
          }, 0);
          assert.ok(Math.abs(expectedRequests(steps, part) - expected) < 1e-9);
          const { count } = requestsAtRates({ steps, lengths }, { ...part, variation: 0, seed: 1 });
          assert.ok(Math.abs(count - expected) <= 1, `${count}, ${expected} expected`);
        },
      ),
    );
  });

  it('are in the mean as many as the rates say, however gaps vary, and of all lengths alike', () => {
    const steps = stepped([40, 160]);
    for (const variation of [1, 3]) {
      const counts = Array.from({ length: 40 }, (_, seed) => {
        const { count, input_tokens } = requestsAtRates(
          { steps, lengths },
          { ...whole, variation, seed },
        );
        const long = input_tokens.filter((tokens) => tokens === 2000).length / count;
        assert.ok(Math.abs(long - 1 / 3) < 0.1);
        return count;
      });
      const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
      assert.ok(
        Math.abs(mean - 2000) < (4 * variation * Math.sqrt(2000)) / Math.sqrt(40),
        `${mean}`,
      );
    }
  });
});
