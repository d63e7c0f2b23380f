import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Timers } from '../../../sim/scenarios/service/timers.ts';

const beside = 3;
const operation = fc.oneof(
  { weight: 3, arbitrary: fc.record({ set: fc.nat(9), in_ns: fc.nat(30) }) },
  { weight: 1, arbitrary: fc.record({ clear: fc.nat(9) }) },
  { weight: 3, arbitrary: fc.constant('next' as const) },
);

describe('timers', () => {
  it('are due when they were set last, as from a list of all that are', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 300 }), (operations) => {
        const timers = new Timers(beside);
        const due = new Map<number, number>();
        const next = () => {
          const first_ns = Math.min(...due.values());
          const id = timers.next();
          if (due.size === 0) return assert.equal(id, undefined);
          assert.equal(timers.now_ns, first_ns);
          assert.equal(due.get(id!), first_ns);
          due.delete(id!);
        };
        for (const each of operations) {
          if (each === 'next') next();
          else if ('clear' in each) {
            timers.clear(each.clear);
            due.delete(each.clear);
          } else {
            timers.set(each.set, timers.now_ns + each.in_ns);
            due.set(each.set, timers.now_ns + each.in_ns);
          }
        }
        while (due.size > 0) next();
        next();
      }),
    );
  });

  it('of one time come in the order in which they were set, beside the queue and in it', () => {
    const ids = fc.shuffledSubarray([...Array(10).keys()], { minLength: 10 });
    fc.assert(
      fc.property(ids, (order) => {
        const timers = new Timers(beside);
        for (const id of order) timers.set(id, 7);
        assert.deepEqual(
          order.map(() => timers.next()),
          order,
        );
      }),
    );
  });
});
