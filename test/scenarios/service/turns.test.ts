/** Works that take turns on the device, held against the same without short cuts. */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Simulation } from '../../../sim/engine/simulation.ts';
import { presetFabric } from '../../../sim/experiment/find-fabric.ts';
import { MemoryDevice } from '../../../sim/fabric/memory-device.ts';
import type { Work } from '../../../sim/scenarios/cluster/work.ts';
import { DeviceShare } from '../../../sim/scenarios/service/device-share.ts';
import { Steps } from '../../../sim/scenarios/service/steps.ts';
import { Turns } from '../../../sim/scenarios/service/turns.ts';

const { cxl } = presetFabric('cxlfork-testbed');

const step = fc
  .record({ idle_ns: fc.nat(3e4), read_bytes: fc.nat(1e5), write_bytes: fc.nat(3e4) })
  .map(({ idle_ns, read_bytes, write_bytes }) => ({
    ns: idle_ns + Math.ceil(read_bytes / cxl.read_gb_per_s + write_bytes / cxl.write_gb_per_s) + 2,
    read_bytes,
    write_bytes,
    parents_write_bytes: 0,
  }));
const work: fc.Arbitrary<Work> = fc.record({
  before_ns: fc.nat(1e5),
  steps: fc.array(step, { maxLength: 12 }),
});
const begun = fc.array(fc.record({ gap_ns: fc.nat(5e5), work, stopped: fc.boolean() }), {
  minLength: 1,
  maxLength: 12,
});
type Begun = readonly { readonly gap_ns: number; readonly work: Work; readonly stopped: boolean }[];

/** Turns with the timers that a cluster would keep for them. */
class Clocked {
  readonly device = new DeviceShare(new MemoryDevice(new Simulation(), cxl));
  readonly ended = new Map<number, number>();
  readonly #due = new Map<number, number>();
  readonly turns = new Turns(this.device, (id, in_ns) => this.#due.set(id, this.#now_ns + in_ns));
  #now_ns = 0;

  until(time_ns: number): void {
    while (this.#due.size > 0) {
      const [id, at_ns] = [...this.#due].sort((a, b) => a[1] - b[1] || a[0] - b[0])[0]!;
      if (at_ns > time_ns) break;
      this.#now_ns = at_ns;
      this.#due.delete(id);
      if (this.turns.isThrough(at_ns, id)) this.ended.set(id, at_ns);
    }
    this.#now_ns = time_ns;
  }

  stop(id: number): void {
    this.turns.stop(this.#now_ns, id);
    this.#due.delete(id);
  }
}

/** Each step asked for in its own time: by a device of the page level. */
function plainEnds(all: Begun): Map<number, number> {
  const simulation = new Simulation();
  const device = new MemoryDevice(simulation, cxl);
  const ends = new Map<number, number>();
  let at_ns = 0;
  for (const [id, { gap_ns, work: own }] of all.entries()) {
    at_ns += gap_ns;
    simulation.start(
      (function* () {
        if (own.before_ns > 0) yield own.before_ns;
        for (const each of own.steps) yield device.amid_ns(each.ns, each);
        ends.set(id, simulation.now_ns);
      })(),
      at_ns,
      `work ${id}`,
    );
  }
  simulation.run();
  return ends;
}

describe('works that take turns on a device', () => {
  it('end when they would if each asked for each step in its own time', () => {
    fc.assert(
      fc.property(begun, (all) => {
        const clocked = new Clocked();
        let at_ns = 0;
        for (const [id, { gap_ns, work: own }] of all.entries()) {
          at_ns += gap_ns;
          // Who begins at the instant at which another asks is before it here, and after it there.
          clocked.until(at_ns - 1);
          clocked.until(at_ns);
          clocked.turns.begin(at_ns, id, new Steps(own, cxl), 1);
        }
        clocked.until(Number.MAX_SAFE_INTEGER);
        const right = plainEnds(all);
        assert.equal(clocked.ended.size, all.length);
        // An order of two that ask at nearly the same time decides about one step.
        const longest_ns = Math.max(
          ...all.flatMap(({ work: own }) => own.steps.map(({ ns }) => ns)),
          0,
        );
        for (const [id, ns] of right) {
          const off_ns = Math.abs(clocked.ended.get(id)! - ns);
          assert.ok(off_ns <= 2 * longest_ns + 50, `${id}: ${clocked.ended.get(id)} and ${ns}`);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('and others that read meanwhile move no more than the device can', () => {
    fc.assert(
      fc.property(begun, fc.integer({ min: 1, max: 8 }), (all, readers) => {
        const clocked = new Clocked();
        const { device, turns } = clocked;
        const reading = { fixed_ns: 1e5, lines: 100, read_bytes: 2e6, write_bytes: 0 };
        for (let reader = 0; reader < readers; reader += 1) device.start(0, reading, reader, 1);
        let at_ns = 0;
        let end_ns = 0;
        const goOn = (time_ns: number) => {
          for (;;) {
            const next_ns = device.nextEnd_ns();
            if (next_ns > time_ns) break;
            clocked.until(next_ns);
            if (device.ended(next_ns).length > 0) end_ns = next_ns;
          }
          clocked.until(time_ns);
        };
        for (const [id, { gap_ns, work: own, stopped }] of all.entries()) {
          at_ns += gap_ns;
          goOn(at_ns);
          turns.begin(at_ns, id, new Steps(own, cxl), 1);
          turns.deviceChanged(at_ns);
          if (stopped && id > 0 && turns.isTurning(id - 1)) clocked.stop(id - 1);
        }
        goOn(Number.MAX_SAFE_INTEGER);
        end_ns = Math.max(end_ns, at_ns, ...clocked.ended.values());
        assert.equal(turns.count, 0);
        assert.ok(device.used_ns >= 0);
        assert.ok(
          device.used_ns <= 1.05 * end_ns + 1e5,
          `used for ${device.used_ns} ns of ${end_ns}`,
        );
      }),
      { numRuns: 200 },
    );
  });
});
