import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Activity } from '../../sim/engine/activity.ts';
import { id_limit } from '../../sim/engine/event-queue.ts';
import { Signal } from '../../sim/engine/signal.ts';
import { Simulation } from '../../sim/engine/simulation.ts';

function* fireAt(time_ns: number, signal: Signal): Activity {
  yield time_ns;
  signal.fire();
}

describe('a signal or a delay', () => {
  it('ends with whichever comes first, and the signal tells which', () => {
    fc.assert(
      fc.property(fc.nat(50), fc.nat(50), (firing_ns, delay_ns) => {
        const simulation = new Simulation();
        const signal = new Signal();
        let seen: unknown;
        simulation.start(
          (function* (): Activity {
            yield signal.within(delay_ns);
            seen = [simulation.now_ns, signal.fired];
          })(),
        );
        simulation.start(fireAt(firing_ns, signal));
        simulation.run();
        // At one instant the delay, which was waited for first, ends first.
        const fired = firing_ns < delay_ns;
        assert.deepEqual(seen, [Math.min(firing_ns, delay_ns), fired]);
        assert.deepEqual([simulation.pending, simulation.waiting], [0, 0]);
        assert.equal(
          simulation.now_ns,
          firing_ns < delay_ns ? firing_ns : Math.max(firing_ns, delay_ns),
        );
      }),
    );
  });

  it('goes on at once when the signal has fired already', () => {
    const simulation = new Simulation();
    const signal = new Signal();
    signal.fire();
    simulation.start(
      (function* (): Activity {
        yield signal.within(100);
      })(),
    );
    simulation.run();
    assert.equal(simulation.now_ns, 0);
  });

  it('whose delay is over keeps its place among what is due at that instant', () => {
    const simulation = new Simulation();
    const log: string[] = [];
    const never = new Signal();
    function* note(name: string, wait: () => number | ReturnType<Signal['within']>): Activity {
      yield wait();
      log.push(name);
    }
    simulation.start(note('a', () => 10));
    simulation.start(note('b', () => never.within(10)));
    simulation.start(note('c', () => 10));
    simulation.run();
    assert.deepEqual(log, ['a', 'b', 'c']);
  });

  it('is not woken a second time by a signal that comes after the delay', () => {
    const simulation = new Simulation();
    const signal = new Signal();
    const times: number[] = [];
    simulation.start(
      (function* (): Activity {
        yield signal.within(5);
        times.push(simulation.now_ns);
        yield 100;
        times.push(simulation.now_ns);
      })(),
    );
    simulation.start(fireAt(50, signal));
    simulation.run();
    assert.deepEqual(times, [5, 105]);
  });

  it('can be waited for any number of times, with one signal that never fires', () => {
    const simulation = new Simulation();
    const failure = new Signal();
    let beats = 0;
    simulation.start(
      (function* (): Activity {
        for (; beats < 10_000; beats += 1) yield failure.within(3);
      })(),
    );
    simulation.run();
    assert.deepEqual([beats, simulation.now_ns, simulation.pending], [10_000, 30_000, 0]);
  });

  it('can be stopped, and then neither wakes it', () => {
    for (const stop_ns of [0, 3]) {
      const simulation = new Simulation();
      const signal = new Signal();
      let woken = false;
      const waiter = simulation.start(
        (function* (): Activity {
          yield signal.within(10);
          woken = true;
        })(),
      );
      simulation.run(stop_ns);
      waiter.stop();
      signal.fire();
      simulation.run();
      assert.deepEqual([woken, simulation.now_ns, simulation.pending], [false, stop_ns, 0]);
    }
  });

  it('outlives any number of timeouts that never come, as long as few wait at once', () => {
    const simulation = new Simulation();
    const calls = id_limit + 1000;
    let turn = new Signal();
    simulation.start(
      (function* (): Activity {
        for (let call = 0; call < calls; call += 1) {
          turn = new Signal();
          yield turn.within(1e12);
        }
      })(),
    );
    simulation.start(
      (function* (): Activity {
        for (let call = 0; call < calls; call += 1) {
          yield 1;
          turn.fire();
        }
      })(),
    );
    simulation.run();
    assert.equal(simulation.now_ns, calls);
  });

  it('refuses a delay that is not a whole number of nanoseconds', () => {
    for (const delay_ns of [-1, 0.5, Number.NaN]) {
      const simulation = new Simulation();
      simulation.start(
        (function* (): Activity {
          yield new Signal().within(delay_ns);
        })(),
      );
      assert.throws(() => simulation.run(), /a whole number of nanoseconds/);
    }
  });
});
