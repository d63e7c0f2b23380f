import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Simulation } from '../../../sim/engine/simulation.ts';
import { presetFabric } from '../../../sim/experiment/find-fabric.ts';
import { MemoryDevice } from '../../../sim/fabric/memory-device.ts';
import { DeviceShare } from '../../../sim/scenarios/service/device-share.ts';
import { nothing, type Phase } from '../../../sim/scenarios/service/phase.ts';

const { cxl } = presetFabric('cxlfork-testbed');
const device = new MemoryDevice(new Simulation(), cxl);

interface Running {
  readonly id: number;
  readonly phase: Phase;
  left: number;
}

/**
 * The oracle: each phase by itself, the latency found by halving alone, a new pace after every change. The share keeps a pace
 * that is within a thousandth.
 */
class Plain {
  #running: Running[] = [];
  #now_ns = 0;

  #lone_ns(phase: Phase, latency_ns: number): number {
    return phase.fixed_ns + phase.lines * latency_ns;
  }

  #load(latency_ns: number): number {
    return this.#running.reduce((sum, { phase }) => {
      const { read_bytes, write_bytes } = phase;
      const times = [read_bytes / cxl.read_gb_per_s, write_bytes / cxl.write_gb_per_s] as const;
      const occupied_ns = cxl.duplex === 'half' ? times[0] + times[1] : Math.max(...times);
      return sum + occupied_ns / this.#lone_ns(phase, latency_ns);
    }, 0);
  }

  #pace(): { latency_ns: number; stretch: number } {
    let [low_ns, high_ns] = [cxl.latency_ns, 1e4 * (1 + cxl.latency_ns)];
    while (high_ns - low_ns > 1e-6) {
      const middle_ns = (low_ns + high_ns) / 2;
      const answer_ns = device.latency_at_ns(Math.min(1, this.#load(middle_ns)), 1);
      if (answer_ns > middle_ns) low_ns = middle_ns;
      else high_ns = middle_ns;
    }
    return { latency_ns: high_ns, stretch: Math.max(1, this.#load(high_ns)) };
  }

  #takes(): { each: Running; ns: number }[] {
    const { latency_ns, stretch } = this.#pace();
    return this.#running.map((each) => ({
      each,
      ns: stretch * this.#lone_ns(each.phase, latency_ns),
    }));
  }

  /** Who ends before that time, and when; the time is reached. */
  *until(time_ns: number): Generator<{ id: number; at_ns: number }> {
    for (;;) {
      const takes = this.#takes();
      const first_ns = Math.min(...takes.map(({ each, ns }) => each.left * ns));
      const passed_ns = Math.min(first_ns, time_ns - this.#now_ns);
      for (const { each, ns } of takes) each.left -= passed_ns / ns;
      this.#now_ns += passed_ns;
      if (first_ns > passed_ns || takes.length === 0) {
        this.#now_ns = time_ns;
        return;
      }
      const [ended] = this.#running.toSorted((a, b) => a.left - b.left) as [Running];
      this.#running = this.#running.filter((each) => each !== ended);
      yield { id: ended.id, at_ns: this.#now_ns };
    }
  }

  start(id: number, phase: Phase, work: number): void {
    this.#running.push({ id, phase, left: work });
  }
}

const phase = fc.record({
  fixed_ns: fc.integer({ min: 1e5, max: 2e7 }),
  lines: fc.oneof(fc.constant(0), fc.nat(20_000)),
  read_bytes: fc.integer({ min: 1, max: 2e7 }),
  write_bytes: fc.nat(1e6),
});
const arrival = fc.record({
  gap_ns: fc.nat(3e6),
  kind: fc.nat(4),
  work: fc.constantFrom(0.5, 1, 2),
});

describe('a device that phases share', () => {
  it('ends each when it would if all went on one by one, but for a pace that is nearly the same', () => {
    fc.assert(
      fc.property(
        fc.array(phase, { minLength: 5, maxLength: 5 }),
        fc.array(arrival, { minLength: 1, maxLength: 40 }),
        (phases, arrivals) => {
          const [share, plain] = [new DeviceShare(device), new Plain()];
          const [ours, right] = [new Map<number, number>(), new Map<number, number>()];
          const goOn = (time_ns: number) => {
            while (share.running > 0 && share.nextEnd_ns() <= time_ns) {
              const at_ns = share.nextEnd_ns();
              for (const id of share.ended(at_ns)) ours.set(id, at_ns);
            }
            for (const { id, at_ns } of plain.until(time_ns)) right.set(id, at_ns);
          };
          const began_ns: number[] = [];
          let now_ns = 0;
          for (const [id, { gap_ns, kind, work }] of arrivals.entries()) {
            now_ns += gap_ns;
            goOn(now_ns);
            began_ns.push(now_ns);
            share.start(now_ns, phases[kind]!, id, work);
            plain.start(id, phases[kind]!, work);
          }
          goOn(Number.MAX_SAFE_INTEGER);
          assert.equal(ours.size, arrivals.length);
          for (const [id, at_ns] of right) {
            const took_ns = at_ns - began_ns[id]!;
            assert.ok(
              Math.abs(ours.get(id)! - at_ns) <= 2e-3 * took_ns + 2,
              `${id}: ${ours.get(id)} and ${at_ns}`,
            );
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('has what waits for no lines take exactly its time while all ask for less than there is', () => {
    const bytes = Math.floor(cxl.read_gb_per_s * 1e4);
    fc.assert(
      fc.property(
        fc.array(fc.record({ gap_ns: fc.integer({ min: 1, max: 1e6 }), kind: fc.nat(9) }), {
          minLength: 1,
          maxLength: 40,
        }),
        (arrivals) => {
          // Each asks for a hundredth of the device at most.
          const phases = Array.from({ length: 10 }, (_, kind) => ({
            ...nothing,
            fixed_ns: 1e6 + 123_457 * kind,
            read_bytes: bytes,
          }));
          const share = new DeviceShare(device);
          const due_ns = new Map<number, number>();
          const endUntil = (time_ns: number) => {
            while (share.running > 0 && share.nextEnd_ns() <= time_ns) {
              const at_ns = share.nextEnd_ns();
              for (const id of share.ended(at_ns)) assert.equal(at_ns, due_ns.get(id));
            }
          };
          let now_ns = 0;
          for (const [id, { gap_ns, kind }] of arrivals.entries()) {
            now_ns += gap_ns;
            endUntil(now_ns);
            due_ns.set(id, now_ns + phases[kind]!.fixed_ns);
            share.start(now_ns, phases[kind]!, id, 1);
          }
          endUntil(Number.MAX_SAFE_INTEGER);
          assert.equal(share.running, 0);
        },
      ),
    );
  });
});
