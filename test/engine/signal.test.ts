import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Activity } from '../../sim/engine/activity.ts';
import { Signal } from '../../sim/engine/signal.ts';
import { Simulation } from '../../sim/engine/simulation.ts';

function* waitFor(simulation: Simulation, signal: Signal, log: string[], name: string): Activity {
  yield signal;
  log.push(`${name}@${simulation.now_ns}`);
}

function* fireAfter(delay_ns: number, signal: Signal): Activity {
  yield delay_ns;
  signal.fire();
}

describe('signal', () => {
  it('wakes all who wait at the instant it fires, in the order they came', () => {
    const simulation = new Simulation();
    const signal = new Signal();
    const log: string[] = [];
    simulation.start(waitFor(simulation, signal, log, 'late'), 3);
    simulation.start(waitFor(simulation, signal, log, 'early'), 1);
    simulation.start(fireAfter(10, signal));
    simulation.run();
    assert.deepEqual(log, ['early@10', 'late@10']);
  });

  it('keeps nobody who comes after it has fired', () => {
    const simulation = new Simulation();
    const signal = new Signal();
    const log: string[] = [];
    signal.fire();
    simulation.start(waitFor(simulation, signal, log, 'a'), 4);
    simulation.run();
    assert.deepEqual(log, ['a@4']);
  });

  it('fires once', () => {
    const simulation = new Simulation();
    const signal = new Signal();
    const log: string[] = [];
    simulation.start(waitFor(simulation, signal, log, 'a'));
    simulation.start(fireAfter(1, signal));
    simulation.start(fireAfter(2, signal));
    simulation.run();
    assert.deepEqual(log, ['a@1']);
    assert.equal(simulation.waiting, 0);
  });

  it('tells an activity that another is done', () => {
    const simulation = new Simulation();
    const log: string[] = [];
    const child = simulation.start(fireAfter(8, new Signal()));
    simulation.start(waitFor(simulation, child.done, log, 'parent'));
    simulation.run();
    assert.deepEqual(log, ['parent@8']);
  });

  it('wakes each waiter at the later of its coming and the firing', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50)), fc.nat(50), (coming_ns, firing_ns) => {
        const simulation = new Simulation();
        const signal = new Signal();
        const log: string[] = [];
        coming_ns.forEach((time_ns, i) => {
          simulation.start(waitFor(simulation, signal, log, `${i}`), time_ns);
        });
        simulation.start(fireAfter(firing_ns, signal));
        simulation.run();
        const expected = coming_ns.map((time_ns, i) => `${i}@${Math.max(time_ns, firing_ns)}`);
        assert.deepEqual([...log].sort(), expected.sort());
        assert.equal(simulation.waiting, 0);
      }),
    );
  });
});
