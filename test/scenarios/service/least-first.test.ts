import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LeastFirst } from '../../../sim/scenarios/service/least-first.ts';

interface Entry {
  readonly rank: number;
  readonly place: number;
}

const byRank = (a: Entry, b: Entry) => a.rank - b.rank || a.place - b.place;

describe('least first', () => {
  it('takes out as many as are asked for, in the order of a sorted list', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { maxLength: 60 }), fc.nat(70), (ranks, count) => {
        const all = ranks.map((rank, place) => ({ rank, place }));
        const sorted = [...all].sort(byRank);
        const least = new LeastFirst(all, (a, b) => byRank(a, b) < 0);
        for (let index = 0; index < count; index += 1) {
          assert.deepEqual(least.take(), sorted[index]);
        }
      }),
    );
  });
});
