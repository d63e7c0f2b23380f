import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Activity, ActivityError } from '../../sim/engine/activity.ts';
import { id_limit } from '../../sim/engine/event-queue.ts';
import { Signal } from '../../sim/engine/signal.ts';
import { Simulation } from '../../sim/engine/simulation.ts';

/** Waits each delay in turn and writes down its name and the time after each. */
function* diary(
  simulation: Simulation,
  log: string[],
  name: string,
  delays_ns: number[],
): Activity<number> {
  for (const delay_ns of delays_ns) {
    yield delay_ns;
    log.push(`${name}@${simulation.now_ns}`);
  }
  return delays_ns.length;
}

function failure(simulation: Simulation): ActivityError {
  try {
    simulation.run();
  } catch (error) {
    if (error instanceof ActivityError) return error;
  }
  throw new Error('no activity failed');
}

const delays = fc.array(fc.oneof(fc.nat(3), fc.nat(1000)), { maxLength: 20 });
const activities = fc.array(fc.record({ start_ns: fc.nat(5), delays_ns: delays }), {
  maxLength: 20,
});

describe('simulation', () => {
  it('lets time pass only by the delays that activities yield', () => {
    const simulation = new Simulation();
    const log: string[] = [];
    simulation.start(diary(simulation, log, 'a', [10, 0, 5]), 100);
    simulation.run();
    assert.deepEqual(log, ['a@110', 'a@110', 'a@115']);
  });

  it('runs activities that are due together in the order they began to wait', () => {
    const simulation = new Simulation();
    const log: string[] = [];
    simulation.start(diary(simulation, log, 'a', [2, 2]));
    simulation.start(diary(simulation, log, 'b', [1, 3]));
    simulation.start(diary(simulation, log, 'c', [4]));
    simulation.run();
    assert.deepEqual(log, ['b@1', 'a@2', 'c@4', 'b@4', 'a@4']);
  });

  it('starts an activity from within another at the same instant, after what is due already', () => {
    const simulation = new Simulation();
    const log: string[] = [];
    simulation.start(
      (function* (): Activity {
        yield 1;
        simulation.start(diary(simulation, log, 'child', [0]));
        log.push('parent');
      })(),
    );
    simulation.start(diary(simulation, log, 'other', [1]));
    simulation.run();
    assert.deepEqual(log, ['parent', 'other@1', 'child@1']);
  });

  it('hands the result of a part to the whole', () => {
    const simulation = new Simulation();
    const whole = simulation.start(
      (function* (): Activity<number> {
        const first = yield* diary(simulation, [], 'part', [1, 2]);
        const second = yield* diary(simulation, [], 'part', [3]);
        return first * 10 + second;
      })(),
    );
    simulation.run();
    assert.equal(whole.result, 21);
    assert.equal(simulation.now_ns, 6);
  });

  it('has a result only once the activity has ended', () => {
    const simulation = new Simulation();
    const handle = simulation.start(diary(simulation, [], 'slow', [5]), 0, 'slow');
    simulation.run(4);
    assert.equal(handle.done.fired, false);
    assert.throws(() => handle.result, /slow has no result before it ends/);
    simulation.run();
    assert.equal(handle.done.fired, true);
    assert.equal(handle.result, 1);
  });

  it('stops at the time it was told, what is due then included, and goes on from there', () => {
    const simulation = new Simulation();
    const log: string[] = [];
    simulation.start(diary(simulation, log, 'a', [10, 10, 10]));
    simulation.run(20);
    assert.deepEqual(log, ['a@10', 'a@20']);
    simulation.run(25);
    assert.equal(simulation.now_ns, 25);
    simulation.run();
    assert.deepEqual(log, ['a@10', 'a@20', 'a@30']);
  });

  it('moves the clock to the time it was told though nothing happens', () => {
    const simulation = new Simulation();
    simulation.run(50);
    assert.equal(simulation.now_ns, 50);
    for (const until_ns of [49, 50.5, Number.NaN, -Infinity]) {
      assert.throws(() => simulation.run(until_ns), RangeError);
    }
    assert.equal(simulation.now_ns, 50);
  });

  it('counts who still waits for a signal when nothing is due any more', () => {
    const simulation = new Simulation();
    const never = new Signal();
    for (let i = 0; i < 3; i++) {
      simulation.start(
        (function* (): Activity {
          yield never;
        })(),
      );
    }
    simulation.run();
    assert.equal(simulation.waiting, 3);
    assert.equal(simulation.pending, 0);
    never.fire();
    assert.equal(simulation.waiting, 0);
    simulation.run();
    assert.equal(simulation.pending, 0);
  });

  it('outlives any number of activities, as long as they are not all there at once', () => {
    const simulation = new Simulation();
    let born = 0;
    function* shortLived(): Activity {
      born++;
      yield 1;
    }
    for (; born < id_limit + 1000; simulation.run()) {
      for (let i = 0; i < 1000; i++) simulation.start(shortLived());
    }
    assert.equal(simulation.pending, 0);
  });

  it('refuses to run within its own run', () => {
    const simulation = new Simulation();
    simulation.start(
      (function* (): Activity {
        yield 1;
        simulation.run();
      })(),
    );
    assert.match(failure(simulation).message, /the simulation is running/);
  });

  it('ends the run when an activity throws, and says which, when and why', () => {
    const simulation = new Simulation();
    const log: string[] = [];
    const reason = new Error('no frame left');
    simulation.start(
      (function* (): Activity {
        yield 7;
        throw reason;
      })(),
      0,
      'restore of bert',
    );
    simulation.start(diary(simulation, log, 'later', [8]));
    const error = failure(simulation);
    assert.equal(error.message, 'restore of bert at 7 ns: no frame left');
    assert.equal(error.cause, reason);
    assert.deepEqual([error.activity, error.time_ns, simulation.now_ns], ['restore of bert', 7, 7]);
    assert.deepEqual(log, []);
  });

  it('lets an activity catch what its part throws', () => {
    const simulation = new Simulation();
    const handle = simulation.start(
      (function* (): Activity<string> {
        try {
          yield* (function* (): Activity {
            yield 1;
            throw new Error('lost');
          })();
        } catch {
          yield 2;
        }
        return `recovered at ${simulation.now_ns}`;
      })(),
    );
    simulation.run();
    assert.equal(handle.result, 'recovered at 3');
  });

  const impossible = [-1, -0.5, 0.5, Number.NaN, Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER];
  for (const delay_ns of impossible) {
    it(`refuses a delay of ${delay_ns} ns after 1 ns`, () => {
      const simulation = new Simulation();
      simulation.run(1);
      assert.throws(() => simulation.start(diary(simulation, [], 'a', []), delay_ns), RangeError);
      assert.equal(simulation.pending, 0);
      simulation.start(diary(simulation, [], 'a', [delay_ns]));
      assert.ok(failure(simulation).cause instanceof RangeError);
      assert.equal(simulation.now_ns, 1);
    });
  }

  it('never turns the clock back, and wakes everyone exactly when they asked', () => {
    fc.assert(
      fc.property(activities, (all) => {
        const simulation = new Simulation();
        const seen_ns: number[] = [];
        function* walk(begin_ns: number, delays_ns: number[]): Activity {
          let expected_ns = begin_ns;
          assert.equal(simulation.now_ns, expected_ns);
          for (const delay_ns of delays_ns) {
            yield delay_ns;
            expected_ns += delay_ns;
            assert.equal(simulation.now_ns, expected_ns);
            seen_ns.push(expected_ns);
          }
        }
        for (const { start_ns, delays_ns } of all)
          simulation.start(walk(start_ns, delays_ns), start_ns);
        simulation.run();
        assert.equal(seen_ns.length, all.flatMap(({ delays_ns }) => delays_ns).length);
        assert.ok(seen_ns.every((time_ns, i) => i === 0 || time_ns >= seen_ns[i - 1]!));
      }),
    );
  });

  it('goes the same way whether it runs at once or in pieces', () => {
    fc.assert(
      fc.property(activities, fc.integer({ min: 1, max: 100 }), (all, piece_ns) => {
        const [at_once, in_pieces] = [0, 1].map((): string[] => []);
        const whole = new Simulation();
        const pieces = new Simulation();
        all.forEach(({ start_ns, delays_ns }, i) => {
          whole.start(diary(whole, at_once!, `${i}`, delays_ns), start_ns);
          pieces.start(diary(pieces, in_pieces!, `${i}`, delays_ns), start_ns);
        });
        whole.run();
        while (pieces.pending > 0) pieces.run(pieces.now_ns + piece_ns);
        assert.deepEqual(in_pieces, at_once);
      }),
    );
  });
});
