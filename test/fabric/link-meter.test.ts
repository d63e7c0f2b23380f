import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Activity } from '../../sim/engine/activity.ts';
import { LinkMeter } from '../../sim/fabric/link-meter.ts';
import { finish, machineOf, withCxl } from '../arbitraries.ts';

/** Answers of a meter after each of the times, in which so many bytes are read and written. */
function answers(
  duplex: 'half' | 'full',
  times: readonly { readonly ns: number; readonly read: number; readonly write: number }[],
): number[] {
  const machine = machineOf(withCxl({ duplex, latency_ns: 0 }));
  const { simulation, fabric } = machine;
  const meter = new LinkMeter(simulation, fabric.cxl);
  return times.map(({ ns, read, write }) => {
    function* use(): Activity {
      const begin_ns = simulation.now_ns;
      yield* fabric.cxl.transfer(read, 'read', []);
      yield* fabric.cxl.transfer(write, 'write', []);
      yield ns - (simulation.now_ns - begin_ns);
    }
    finish(machine, use());
    return meter.used();
  });
}

describe('link meter', () => {
  it('tells the share of bandwidth since it was last asked, whenever in that time it was in use', () => {
    const ns = 100_000;
    // 4 GB/s in each direction: 400,000 bytes in that time.
    const times = [
      { ns, read: 100_000, write: 100_000 },
      { ns, read: 200_000, write: 0 },
      { ns, read: 0, write: 0 },
    ];
    assert.deepEqual(answers('half', times), [0.5, 0.5, 0]);
    assert.deepEqual(answers('full', times), [0.25, 0.5, 0]);
  });

  it('is at most full, and idle where no time went by', () => {
    const time = fc.record({
      ns: fc.constant(1_000_000),
      read: fc.nat(2_000_000),
      write: fc.nat(2_000_000),
    });
    fc.assert(
      fc.property(
        fc.array(time, { maxLength: 5 }),
        fc.constantFrom('half', 'full'),
        (times, duplex) => {
          for (const used of answers(duplex, times)) assert.ok(used >= 0 && used <= 1);
        },
      ),
    );
    assert.deepEqual(answers('half', [{ ns: 0, read: 0, write: 0 }]), [0]);
  });
});
