import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Activity } from '../../sim/engine/activity.ts';
import { Simulation } from '../../sim/engine/simulation.ts';
import { MemoryDevice } from '../../sim/fabric/memory-device.ts';
import type { MemorySettings } from '../../sim/fabric/settings.ts';
import { type Reads, SharedReads } from '../../sim/fabric/shared-reads.ts';
import { Traffic } from '../../sim/fabric/traffic.ts';
import { NaiveSharedReads } from './naive-shared-reads.ts';

/** A device whose latency rises from 400 to 1600 ns as its 4 GB/s fill up. */
const settings: MemorySettings = {
  latency_ns: 400,
  read_gb_per_s: 4,
  write_gb_per_s: 4,
  duplex: 'full',
  capacity_mb: 1,
  source: 'test',
  load_curves: [
    {
      read_share: 1,
      points: [
        { bandwidth_gb_per_s: 0, latency_ns: 100 },
        { bandwidth_gb_per_s: 2, latency_ns: 150 },
        { bandwidth_gb_per_s: 4, latency_ns: 400 },
      ],
    },
  ],
};

/** An execution that computes for a time, and waits for a share of each line it misses. */
interface Execution {
  readonly begin_ns: number;
  readonly compute_ns: number;
  readonly lines: number;
  readonly exposed_share?: number;
}

const execution_ns = ({ compute_ns, lines, exposed_share = 0.25 }: Execution, latency_ns: number) =>
  Math.round(compute_ns + exposed_share * lines * latency_ns);

function ends_ns(all: readonly Execution[]): number[] {
  const simulation = new Simulation();
  const device = new MemoryDevice(simulation, settings);
  const shared = new SharedReads(simulation, device);
  const ends: number[] = [];
  function* run(index: number, execution: Execution): Activity {
    const own = new Traffic();
    yield* shared.run(
      {
        bytes: 64 * execution.lines,
        execution_ns: (latency_ns) => execution_ns(execution, latency_ns),
        spent_ns: 0,
      },
      [own],
    );
    assert.equal(own.read_bytes, 64 * execution.lines);
    ends[index] = simulation.now_ns;
  }
  all.forEach((execution, index) => {
    simulation.start(run(index, execution), execution.begin_ns);
  });
  simulation.run();
  assert.equal(device.read_bytes, 64 * all.reduce((sum, { lines }) => sum + lines, 0));
  return ends;
}

function readsOf(execution: Execution, spent_ns = 0): Reads {
  return {
    bytes: 64 * execution.lines,
    execution_ns: (latency_ns) => execution_ns(execution, latency_ns),
    spent_ns,
  };
}

/** When each ends, of executions that may share what they ask for. */
function played(
  all: readonly { readonly reads: Reads; readonly begin_ns: number }[],
  made: (
    simulation: Simulation,
    device: MemoryDevice,
  ) => { run(reads: Reads, accounts: []): Activity },
): number[] {
  const simulation = new Simulation();
  const shared = made(simulation, new MemoryDevice(simulation, settings));
  const ends: number[] = [];
  function* run(index: number, reads: Reads): Activity {
    yield* shared.run(reads, []);
    ends[index] = simulation.now_ns;
  }
  for (const [index, { reads, begin_ns }] of all.entries()) {
    simulation.start(run(index, reads), begin_ns);
  }
  simulation.run();
  return ends;
}

/** The oracle: small steps, and in each the latency that the running ones make, found by a scan. */
function steppedEnds_ns(all: readonly Execution[], step_ns: number): number[] {
  const device = new MemoryDevice(new Simulation(), settings);
  const left = all.map(() => 1);
  const ends: number[] = [];
  for (
    let now_ns = 0;
    ends.filter((end) => end !== undefined).length < all.length;
    now_ns += step_ns
  ) {
    const running = all.flatMap((each, i) => (each.begin_ns <= now_ns && left[i]! > 0 ? [i] : []));
    let latency_ns = settings.latency_ns;
    let load = 0;
    for (; latency_ns < 1_600; latency_ns += 0.5) {
      load = running.reduce(
        (sum, i) => sum + (64 * all[i]!.lines) / execution_ns(all[i]!, latency_ns) / 4,
        0,
      );
      if (device.latency_at_ns(Math.min(1, load), 1) <= latency_ns) break;
    }
    for (const i of running) {
      left[i]! -= step_ns / (Math.max(1, load) * execution_ns(all[i]!, latency_ns));
      if (left[i]! <= 0) ends[i] = now_ns + step_ns;
    }
  }
  return ends;
}

const executions = fc.array(
  fc.record({
    begin_ns: fc.nat(200_000),
    compute_ns: fc.integer({ min: 20_000, max: 200_000 }),
    lines: fc.nat(4_000),
  }),
  { minLength: 1, maxLength: 5 },
);

describe('executions that read from one device', () => {
  it('take, alone, what they take at the latency that their own reads make', () => {
    fc.assert(
      fc.property(executions, ([only]) => {
        const alone = { ...only!, begin_ns: 0 };
        const [end_ns] = ends_ns([alone]);
        const device = new MemoryDevice(new Simulation(), settings);
        const load = Math.min(1, (64 * alone.lines) / end_ns! / 4);
        const expected_ns = execution_ns(alone, device.latency_at_ns(load, 1));
        assert.ok(Math.abs(end_ns! - expected_ns) <= 2, `${end_ns} is not ${expected_ns}`);
      }),
    );
  });

  it('do not touch one another where they miss nothing', () => {
    const idle = { begin_ns: 0, compute_ns: 1_000, lines: 0 };
    const busy = { begin_ns: 0, compute_ns: 50_000, lines: 3_000 };
    const [alone] = ends_ns([busy]);
    assert.deepEqual(ends_ns([busy, idle, idle]), [alone, 1_000, 1_000]);
  });

  it('end together if they are equal and begin together, later than one alone', () => {
    const busy = { begin_ns: 0, compute_ns: 50_000, lines: 1_500 };
    const [alone] = ends_ns([busy]);
    const ends = ends_ns([busy, busy, busy]);
    assert.equal(new Set(ends).size, 1);
    assert.ok(ends[0]! > 1.1 * alone!, `${ends[0]} is hardly later than ${alone}`);
  });

  it('never end earlier for having neighbours', () => {
    fc.assert(
      fc.property(executions, (all) => {
        for (const [index, end_ns] of ends_ns(all).entries()) {
          const [alone_ns] = ends_ns([all[index]!]);
          assert.ok(end_ns >= alone_ns! - all.length);
        }
      }),
    );
  });

  it('end when small steps say so', () => {
    fc.assert(
      fc.property(executions, (all) => {
        const stepped = steppedEnds_ns(all, 500);
        for (const [index, end_ns] of ends_ns(all).entries()) {
          const length_ns = stepped[index]! - all[index]!.begin_ns;
          assert.ok(
            Math.abs(end_ns - stepped[index]!) <= 1_000 * (1 + all.length) + 0.01 * length_ns,
          );
        }
      }),
      { numRuns: 30 },
    );
  });

  it('end when each is paced by itself at every change, whether they ask for the same or not', () => {
    const begun = fc.array(fc.record({ kind: fc.nat(3), begin_ns: fc.nat(150_000) }), {
      minLength: 1,
      maxLength: 25,
    });
    fc.assert(
      fc.property(executions, fc.nat(60_000), begun, (kinds, spent_ns, all) => {
        const reads = kinds.map((each) => readsOf(each, spent_ns));
        const placed = all.map(({ kind, begin_ns }) => ({
          reads: reads[kind % reads.length]!,
          begin_ns,
        }));
        const naive = played(placed, (...of) => new NaiveSharedReads(...of));
        const paced = played(placed, (...of) => new SharedReads(...of));
        // Each change rounds what is left of all to a nanosecond, there; and ends move other ends.
        const rounding_ns = 4 * placed.length;
        for (const [index, end_ns] of paced.entries()) {
          assert.ok(Math.abs(end_ns - naive[index]!) <= rounding_ns, `${end_ns} ${naive[index]}`);
        }
      }),
    );
  });

  it('that ask for the same cost as much whether they are few or many: the work grows with the changes alone', () => {
    const asked = (count: number) => {
      let calls = 0;
      const one = readsOf({ begin_ns: 0, compute_ns: 50_000, lines: 1_000 });
      const counted: Reads = {
        ...one,
        execution_ns(latency_ns) {
          calls += 1;
          return one.execution_ns(latency_ns);
        },
      };
      const placed = Array.from({ length: count }, (_, i) => ({
        reads: counted,
        begin_ns: 97 * i,
      }));
      played(placed, (...of) => new SharedReads(...of));
      return calls / count;
    };
    assert.ok(asked(1000) < 1.2 * asked(100), `${asked(100)} and ${asked(1000)} for each`);
  });

  it('go on, where they end at one instant, in the order in which they began', () => {
    const simulation = new Simulation();
    const shared = new SharedReads(simulation, new MemoryDevice(simulation, settings));
    const order: number[] = [];
    function* run(index: number, reads: Reads): Activity {
      yield* shared.run(reads, []);
      order.push(index);
    }
    const [one, other] = [50_000, 50_000].map((compute_ns) =>
      readsOf({ begin_ns: 0, compute_ns, lines: 500 }),
    );
    for (const [index, reads] of [one!, one!, other!, other!].entries()) {
      simulation.start(run(index, reads));
    }
    simulation.run();
    assert.deepEqual(order, [0, 1, 2, 3]);
  });

  it('never move more than the bandwidth, alone or together, and just that much when they ask for more', () => {
    fc.assert(
      fc.property(executions, fc.integer({ min: 1, max: 40 }), (all, factor) => {
        // Of many lines at once: alone at 1.6 us, 6 GB/s would be read.
        const heavy = all.map((each) => ({
          ...each,
          begin_ns: 0,
          lines: factor * each.lines,
          exposed_share: 0.0066,
        }));
        const ends = ends_ns(heavy);
        const bytes = 64 * heavy.reduce((sum, { lines }) => sum + lines, 0);
        assert.ok(Math.max(...ends) >= bytes / 4 - heavy.length);
        for (const [index, end_ns] of ends.entries()) {
          assert.ok(end_ns >= (64 * heavy[index]!.lines) / 4 - 1);
        }
      }),
    );
    const greedy = { begin_ns: 0, compute_ns: 0, lines: 100_000, exposed_share: 0.001 };
    assert.deepEqual(ends_ns([greedy, greedy]), [3_200_000, 3_200_000]);
  });

  it('count, when stopped, the bytes that have flowed', () => {
    const simulation = new Simulation();
    const device = new MemoryDevice(simulation, settings);
    const shared = new SharedReads(simulation, device);
    const link = new Traffic();
    const reads = { bytes: 64_000, execution_ns: () => 32_000, spent_ns: 0 };
    const run = simulation.start(shared.run(reads, [link]));
    simulation.run(8_000);
    run.stop();
    assert.deepEqual([link.read_bytes, device.read_bytes], [16_000, 16_000]);
    // Nothing of it is left for others to share with.
    simulation.start(shared.run(reads, [link]));
    simulation.run();
    assert.deepEqual([simulation.now_ns, link.read_bytes], [8_000 + 32_000, 80_000]);
  });
});
