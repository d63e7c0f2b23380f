import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Activity } from '../../sim/engine/activity.ts';
import { Simulation } from '../../sim/engine/simulation.ts';
import { LinkMeter } from '../../sim/fabric/link-meter.ts';
import { MemoryDevice } from '../../sim/fabric/memory-device.ts';
import type { MemorySettings } from '../../sim/fabric/settings.ts';
import type { Direction } from '../../sim/fabric/traffic.ts';

const settings: MemorySettings = {
  latency_ns: 391,
  read_gb_per_s: 4.5,
  write_gb_per_s: 4.5,
  duplex: 'half',
  capacity_mb: 1024,
  load_curves: [
    {
      read_share: 1,
      points: [
        { bandwidth_gb_per_s: 1, latency_ns: 100 },
        { bandwidth_gb_per_s: 8, latency_ns: 120 },
        { bandwidth_gb_per_s: 10, latency_ns: 600 },
      ],
    },
  ],
  source: 'made up for tests',
};

interface Request {
  readonly at_ns: number;
  readonly bytes: number;
  readonly direction: Direction;
}

/** When each request ends, in the order given. */
function endsOf(requests: readonly Request[], device: Partial<MemorySettings> = {}): number[] {
  const simulation = new Simulation();
  const memory = new MemoryDevice(simulation, { ...settings, ...device });
  const ends = requests.map(() => -1);
  requests.forEach(({ at_ns, bytes, direction }, index) => {
    simulation.start(
      (function* (): Activity {
        yield* memory.transfer(bytes, direction, []);
        ends[index] = simulation.now_ns;
      })(),
      at_ns,
    );
  });
  simulation.run();
  return ends;
}

const bytes = fc.integer({ min: 0, max: 1_000_000 });
const latency_ns = fc.double({ min: 0, max: 2000, noNaN: true });
const gb_per_s = fc.double({ min: 0.01, max: 500, noNaN: true });
const direction = fc.constantFrom<Direction>('read', 'write');
const duplex = fc.constantFrom<'half' | 'full'>('half', 'full');
const requests = fc.array(
  fc.record({ at_ns: fc.integer({ min: 0, max: 100_000 }), bytes, direction }),
  { minLength: 1, maxLength: 30 },
);

describe('memory device', () => {
  it('moves a lone page in exactly latency + bytes / bandwidth: under way a nanosecond before', () => {
    const simulation = new Simulation();
    const memory = new MemoryDevice(simulation, settings);
    const copy = simulation.start(memory.transfer(4096, 'read', []));
    const whole_ns = 391 + Math.ceil(4096 / 4.5);
    assert.equal(whole_ns, 1302, "the paper's 1.3 us of data movement");
    simulation.run(whole_ns - 1);
    assert.equal(copy.done.fired, false);
    simulation.run(whole_ns);
    assert.equal(copy.done.fired, true);
  });

  it('serves as a queue: latencies overlap, service times do not', () => {
    const page = { at_ns: 0, bytes: 4500, direction: 'read' } as const;
    assert.deepEqual(endsOf([page, page, page]), [1391, 2391, 3391]);
  });

  it('lets reads and writes take turns in half duplex, and flow at once in full duplex', () => {
    const both: Request[] = [
      { at_ns: 0, bytes: 4500, direction: 'read' },
      { at_ns: 0, bytes: 4500, direction: 'write' },
    ];
    assert.deepEqual(endsOf(both, { duplex: 'half' }), [1391, 2391]);
    assert.deepEqual(endsOf(both, { duplex: 'full' }), [1391, 1391]);
  });

  it('moves what was asked for, even if who asked is stopped before it comes', () => {
    const simulation = new Simulation();
    const memory = new MemoryDevice(simulation, settings);
    const stopped = simulation.start(memory.transfer(4500, 'read', []));
    const other = simulation.start(memory.transfer(4500, 'read', []));
    simulation.run(10);
    stopped.stop();
    simulation.run(2390);
    assert.equal(other.done.fired, false);
    simulation.run(2391);
    assert.equal(other.done.fired, true);
    assert.equal(memory.read_bytes, 9000);
  });

  it('counts the bytes of each direction, of transfers and streams', () => {
    const simulation = new Simulation();
    const memory = new MemoryDevice(simulation, settings);
    simulation.start(memory.transfer(100, 'read', []));
    simulation.start(memory.transfer(30, 'write', []));
    memory.count(7, 'read', []);
    simulation.run();
    assert.deepEqual([memory.read_bytes, memory.write_bytes], [107, 30]);
  });

  it('takes longer for a load the more of it is in use, and just its latency when idle', () => {
    const memory = new MemoryDevice(new Simulation(), settings);
    // 3.6 of 4.5 GB/s: at 80 % the curve stretches 100 ns to 120.
    const used = memory.utilisationOf({ read: 3_600_000, write: 0 }, 1_000_000);
    assert.equal(used, 0.8);
    assert.ok(Math.abs(memory.latency_at_ns(used, 1) - 1.2 * 391) < 1e-9);
    const idle = memory.utilisationOf({ read: 0, write: 0 }, 1_000_000);
    assert.equal(idle, 0);
    assert.equal(memory.latency_at_ns(idle, 1), 391);
  });

  it('is in use while it transfers, and idle after', () => {
    const simulation = new Simulation();
    const memory = new MemoryDevice(simulation, settings);
    const meter = new LinkMeter(simulation, memory);
    simulation.start(memory.transfer(4_000_000, 'read', []));
    simulation.run(1_000_000);
    const used = meter.used();
    assert.ok(used > 0.8 && used <= 1);
    assert.ok(memory.latency_at_ns(used, 1) > 391);
    simulation.run(3_000_000);
    assert.equal(memory.latency_at_ns(meter.used(), 1), 391);
  });

  it('counts a half-duplex ceiling over both directions and a full-duplex one each by itself', () => {
    const utilisation = (duplex: 'half' | 'full') => {
      const memory = new MemoryDevice(new Simulation(), { ...settings, duplex });
      const used = memory.utilisationOf({ read: 900_000, write: 1_800_000 }, 1_000_000);
      return Number(used.toPrecision(12));
    };
    assert.deepEqual([utilisation('half'), utilisation('full')], [0.6, 0.4]);
  });

  it('refuses impossible settings and sizes', () => {
    const build = (wrong: Partial<MemorySettings>) => () =>
      new MemoryDevice(new Simulation(), { ...settings, ...wrong });
    assert.throws(build({ read_gb_per_s: 0 }), /read_gb_per_s is 0/);
    assert.throws(build({ write_gb_per_s: Number.NaN }), RangeError);
    assert.throws(build({ latency_ns: -1 }), /latency_ns is -1/);
    assert.throws(build({ latency_ns: Number.POSITIVE_INFINITY }), RangeError);
    const memory = new MemoryDevice(new Simulation(), settings);
    for (const wrong of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.throws(() => memory.transfer(wrong, 'read', []).next(), RangeError);
    }
  });

  it('takes latency + ceil(bytes / bandwidth) for any lone transfer', () => {
    fc.assert(
      fc.property(
        bytes,
        direction,
        latency_ns,
        gb_per_s,
        gb_per_s,
        (n, way, latency, read, write) => {
          const device = { latency_ns: latency, read_gb_per_s: read, write_gb_per_s: write };
          const [end] = endsOf([{ at_ns: 5, bytes: n, direction: way }], device);
          const bandwidth = way === 'read' ? read : write;
          assert.equal(end, 5 + Math.ceil(latency) + Math.ceil(n / bandwidth));
        },
      ),
    );
  });

  it('finishes n equal transfers in n service times and one latency', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        bytes,
        latency_ns,
        gb_per_s,
        (n, size, ns, rate) => {
          const equal = Array.from({ length: n }, () => ({
            at_ns: 0,
            bytes: size,
            direction: 'read' as const,
          }));
          const ends = endsOf(equal, { latency_ns: ns, read_gb_per_s: rate });
          assert.equal(Math.max(...ends), n * Math.ceil(size / rate) + Math.ceil(ns));
        },
      ),
    );
  });

  it('never ends anything later with more bandwidth or less latency', () => {
    fc.assert(
      fc.property(
        requests,
        duplex,
        fc.tuple(latency_ns, latency_ns),
        fc.tuple(gb_per_s, gb_per_s),
        fc.tuple(gb_per_s, gb_per_s),
        (all, way, latency, read, write) => {
          const worse = endsOf(all, {
            duplex: way,
            latency_ns: Math.max(...latency),
            read_gb_per_s: Math.min(...read),
            write_gb_per_s: Math.min(...write),
          });
          const better = endsOf(all, {
            duplex: way,
            latency_ns: Math.min(...latency),
            read_gb_per_s: Math.max(...read),
            write_gb_per_s: Math.max(...write),
          });
          better.forEach((end, index) => {
            assert.ok(end <= worse[index]!);
          });
        },
      ),
    );
  });

  it('ends no transfer later in full duplex than in half', () => {
    fc.assert(
      fc.property(requests, (all) => {
        const half = endsOf(all, { duplex: 'half' });
        endsOf(all, { duplex: 'full' }).forEach((end, index) => {
          assert.ok(end <= half[index]!);
        });
      }),
    );
  });

  it('agrees with a single line of customers, computed by hand', () => {
    fc.assert(
      fc.property(requests, (all) => {
        const order = all.map((_, index) => index).sort((a, b) => all[a]!.at_ns - all[b]!.at_ns);
        const expected: number[] = [];
        let free_ns = 0;
        for (const index of order) {
          const { at_ns, bytes } = all[index]!;
          free_ns = Math.max(free_ns, at_ns) + Math.ceil(bytes / 4.5);
          expected[index] = free_ns + 391;
        }
        assert.deepEqual(endsOf(all), expected);
      }),
    );
  });

  it('has a loaded latency that never falls as more is read, and starts at the unloaded one', () => {
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 20 }), (all) => {
        const memory = new MemoryDevice(new Simulation(), settings);
        let read = 0;
        const loaded_ns = () =>
          memory.latency_at_ns(memory.utilisationOf({ read, write: 0 }, 1_000_000), 1);
        let before_ns = loaded_ns();
        assert.equal(before_ns, settings.latency_ns);
        for (const size of all) {
          read += size;
          assert.ok(loaded_ns() >= before_ns);
          before_ns = loaded_ns();
        }
      }),
    );
  });
});
