import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Activity, ActivityError, type ActivityHandle } from '../../sim/engine/activity.ts';
import { Server } from '../../sim/engine/server.ts';
import { Signal } from '../../sim/engine/signal.ts';
import { Simulation } from '../../sim/engine/simulation.ts';

/** Sleeps and notes how it ended. */
function* sleeper(simulation: Simulation, delay_ns: number, log: string[]): Activity<number> {
  let ended = 'stopped';
  try {
    yield delay_ns;
    ended = 'woke';
  } finally {
    log.push(`${ended}@${simulation.now_ns}`);
  }
  return delay_ns;
}

function* stopAfter(delay_ns: number, ...handles: ActivityHandle<unknown>[]): Activity {
  yield delay_ns;
  for (const handle of handles) handle.stop();
}

function* stopsItself(own: () => ActivityHandle): Activity {
  yield 1;
  own().stop();
}

describe('stopping an activity', () => {
  it('runs its finally blocks at that instant, and nothing of it later', () => {
    const simulation = new Simulation();
    const log: string[] = [];
    const sleep = simulation.start(sleeper(simulation, 100, log));
    simulation.start(stopAfter(30, sleep));
    simulation.run();
    assert.deepEqual(log, ['stopped@30']);
    assert.deepEqual([sleep.stopped, sleep.done.fired, simulation.pending], [true, true, 0]);
    assert.throws(() => sleep.result, /was stopped and has no result/);
  });

  it('moves no clock: time ends with the last thing that happened', () => {
    const simulation = new Simulation();
    const sleep = simulation.start(sleeper(simulation, 100, []));
    simulation.start(stopAfter(30, sleep));
    simulation.run();
    assert.equal(simulation.now_ns, 30);
  });

  it('reaches the innermost part, and every finally on the way out', () => {
    const simulation = new Simulation();
    const log: string[] = [];
    const whole = simulation.start(
      (function* (): Activity {
        try {
          yield* sleeper(simulation, 50, log);
        } finally {
          log.push('whole');
        }
      })(),
    );
    simulation.start(stopAfter(10, whole));
    simulation.run();
    assert.deepEqual(log, ['stopped@10', 'whole']);
  });

  it('wakes who waits for its end', () => {
    const simulation = new Simulation();
    const sleep = simulation.start(sleeper(simulation, 100, []));
    let seen_ns = -1;
    simulation.start(
      (function* (): Activity {
        yield sleep.done;
        seen_ns = simulation.now_ns;
      })(),
    );
    simulation.start(stopAfter(7, sleep));
    simulation.run();
    assert.equal(seen_ns, 7);
  });

  it('leaves one that has not begun without a beginning', () => {
    const simulation = new Simulation();
    const log: string[] = [];
    const sleep = simulation.start(sleeper(simulation, 1, log), 50);
    sleep.stop();
    simulation.run();
    assert.deepEqual([log, simulation.now_ns, sleep.stopped], [[], 0, true]);
  });

  it('changes nothing of one that has ended', () => {
    const simulation = new Simulation();
    const sleep = simulation.start(sleeper(simulation, 5, []));
    simulation.run();
    sleep.stop();
    assert.deepEqual([sleep.stopped, sleep.result], [false, 5]);
  });

  it('takes one out of the line for a signal, which then wakes only the others', () => {
    const simulation = new Simulation();
    const signal = new Signal();
    const log: string[] = [];
    function* wait(name: string): Activity {
      yield signal;
      log.push(name);
    }
    const handles = ['a', 'b', 'c'].map((name) => simulation.start(wait(name)));
    simulation.run();
    handles[1]!.stop();
    assert.equal(simulation.waiting, 2);
    signal.fire();
    simulation.run();
    assert.deepEqual([log, simulation.waiting], [['a', 'c'], 0]);
  });

  it('is refused of oneself, and of one that waits while it is stopped', () => {
    const simulation = new Simulation();
    const own: ActivityHandle = simulation.start(
      stopsItself(() => own),
      0,
      'node',
    );
    assert.throws(() => simulation.run(), /node cannot stop itself/);
    const stubborn = simulation.start(
      (function* (): Activity {
        try {
          yield 10;
        } finally {
          yield 10;
        }
      })(),
      0,
      'stubborn',
    );
    simulation.run(simulation.now_ns + 1);
    assert.throws(() => stubborn.stop(), ActivityError);
  });

  it('gives back the channel of a server, or the place in its line, and no one is passed over', () => {
    const simulation = new Simulation();
    const server = new Server(simulation);
    const handles = [0, 1, 2].map(() => simulation.start(server.use(100)));
    simulation.start(stopAfter(10, handles[1]!));
    simulation.start(stopAfter(20, handles[0]!));
    simulation.run();
    assert.equal(simulation.now_ns, 120);
    assert.deepEqual([server.in_use, server.queue_length, server.busy_ns], [0, 0, 120]);
    assert.equal(server.waited_ns, 10 + 20);
  });

  it('passes the turn on when whoever was just called is stopped before it can go on', () => {
    const simulation = new Simulation();
    const server = new Server(simulation);
    const handles = [0, 1, 2].map(() => simulation.start(server.use(10)));
    // Started before the first is served, so that it runs in the same instant, after the call.
    simulation.start(
      (function* (): Activity {
        yield handles[0]!.done;
        handles[1]!.stop();
      })(),
    );
    simulation.run();
    assert.deepEqual([simulation.now_ns, server.in_use, handles[2]!.stopped], [20, 0, false]);
  });

  it('agrees with a list of lives, whatever is stopped when, in a queue of any size', () => {
    const lives = fc.array(
      fc.record({ start_ns: fc.nat(20), length_ns: fc.nat(200), stop_ns: fc.nat(200) }),
      { maxLength: 300, size: 'max' },
    );
    fc.assert(
      fc.property(lives, (all) => {
        const simulation = new Simulation();
        const ends: number[] = [];
        function* live(index: number, length_ns: number): Activity {
          try {
            yield length_ns;
          } finally {
            ends[index] = simulation.now_ns;
          }
        }
        all.forEach(({ start_ns, length_ns, stop_ns }, index) => {
          const handle = simulation.start(live(index, length_ns), start_ns);
          simulation.start(stopAfter(stop_ns, handle));
        });
        simulation.run();
        all.forEach(({ start_ns, length_ns, stop_ns }, index) => {
          // At one instant the order of coming decides whether it had begun.
          if (stop_ns === start_ns) return;
          const end_ns = stop_ns < start_ns ? undefined : Math.min(start_ns + length_ns, stop_ns);
          assert.equal(ends[index], end_ns);
        });
        assert.deepEqual([simulation.pending, simulation.waiting], [0, 0]);
      }),
    );
  });
});
