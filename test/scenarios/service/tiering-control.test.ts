import assert from 'node:assert/strict';
import fc from 'fast-check';
import { TieringControl } from '../../../sim/scenarios/service/tiering-control.ts';

const settings = { objective_slowdown: 2, objective_margin: 0.1, high_memory_share: 0.9 };
const warm_ns = 1000;
const near_ns = 2 * (1 - 0.1) * warm_ns;

/** The oracle: the last latencies, sorted. */
function isNear(latencies_ns: readonly number[], watched: number): boolean {
  const last = latencies_ns.slice(-watched).sort((a, b) => a - b);
  if (last.length === 0) return false;
  const mean_ns = last.reduce((sum, each) => sum + each, 0) / last.length;
  return last[Math.ceil(0.99 * last.length) - 1]! >= near_ns && mean_ns >= near_ns;
}

describe('tiering control', () => {
  it('promotes a function while tail and mean of its last latencies are near its objective', () => {
    const latency_ns = fc.oneof(fc.integer({ min: 1000, max: 2600 }), fc.constant(near_ns));
    fc.assert(
      fc.property(
        fc.array(latency_ns, { maxLength: 300 }),
        fc.integer({ min: 2, max: 120 }),
        (latencies_ns, watched) => {
          const control = new TieringControl([warm_ns], { ...settings, watched });
          for (const [index, each] of latencies_ns.entries()) {
            control.served(0, each);
            control.decide();
            assert.equal(
              control.isPromoted(0, 0.5),
              isNear(latencies_ns.slice(0, index + 1), watched),
            );
          }
          assert.equal(control.isPromoted(0, 0.9), false);
        },
      ),
    );
  });
});
