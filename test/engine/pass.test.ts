import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Activity } from '../../sim/engine/activity.ts';
import { Server } from '../../sim/engine/server.ts';
import { Simulation } from '../../sim/engine/simulation.ts';

/** Visits a server and waits by turns, noting the time after each; `bystander` keeps it from passing. */
function visit(
  delays: readonly number[],
  bystander: boolean,
): { times: number[]; busy_ns: number } {
  const simulation = new Simulation();
  const server = new Server(simulation);
  const times: number[] = [];
  function* visitor(): Activity {
    for (const delay_ns of delays) {
      yield* server.use(delay_ns);
      if (!simulation.pass(delay_ns)) yield delay_ns;
      times.push(simulation.now_ns);
    }
  }
  function* wait(): Activity {
    yield delays.reduce((sum, delay_ns) => sum + 2 * delay_ns, 1);
  }
  simulation.start(visitor());
  if (bystander) simulation.start(wait());
  simulation.run();
  return { times, busy_ns: server.busy_ns };
}

/** Who went on when, of activities that wait by `delays` and start one another. */
function logOf(all: readonly (readonly number[])[], passing: boolean): string[] {
  const simulation = new Simulation();
  const log: string[] = [];
  function* wait(name: string, delays: readonly number[]): Activity {
    for (const [step, delay_ns] of delays.entries()) {
      if (!passing || !simulation.pass(delay_ns)) yield delay_ns;
      log.push(`${name} at ${simulation.now_ns}`);
      if (step % 2 === 1) simulation.start(wait(`${name}.${step}`, delays.slice(step + 1)));
    }
  }
  for (const [name, delays] of all.entries()) simulation.start(wait(String(name), delays));
  simulation.run();
  return log;
}

describe('passing a delay at once', () => {
  it('gives a lone activity the same times as yielding it', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { maxLength: 20 }), (delays) => {
        assert.deepEqual(visit(delays, false), visit(delays, true));
      }),
    );
  });

  it('lets any number of activities act in the same order, at the same times, as yielding does', () => {
    const delays = fc.array(fc.nat(4), { maxLength: 6 });
    fc.assert(
      fc.property(fc.array(delays, { maxLength: 4 }), (all) => {
        assert.deepEqual(logOf(all, true), logOf(all, false));
      }),
    );
  });

  it('is refused while another activity may act in between, also at the very end', () => {
    const simulation = new Simulation();
    const passed: boolean[] = [];
    function* first(): Activity {
      yield 1;
      passed.push(simulation.pass(9), simulation.pass(2), simulation.pass(3));
    }
    function* second(): Activity {
      yield 5;
    }
    simulation.start(first());
    simulation.start(second());
    simulation.run();
    assert.deepEqual(passed, [false, true, false]);
  });

  it('is refused while another activity has not begun', () => {
    const simulation = new Simulation();
    const passed: boolean[] = [];
    function* first(): Activity {
      passed.push(simulation.pass(10));
      yield 10;
      yield 1000;
      passed.push(simulation.pass(10));
    }
    function* second(): Activity {
      yield 500;
    }
    simulation.start(first());
    simulation.start(second());
    simulation.run();
    assert.deepEqual(passed, [false, true]);
    assert.equal(simulation.now_ns, 1020);
  });

  it('does not go beyond where the run ends', () => {
    const simulation = new Simulation();
    let after_ns = 0;
    function* sleeper(): Activity {
      if (!simulation.pass(100)) yield 100;
      after_ns = simulation.now_ns;
    }
    simulation.start(sleeper());
    simulation.run(50);
    assert.deepEqual([simulation.now_ns, after_ns], [50, 0]);
    simulation.run();
    assert.equal(after_ns, 100);
  });

  it('is refused outside a run, and refuses delays that are not whole', () => {
    const simulation = new Simulation();
    assert.equal(simulation.pass(1), false);
    function* wrong(): Activity {
      simulation.pass(0.5);
      yield 0;
    }
    simulation.start(wrong());
    assert.throws(() => simulation.run(), /a delay of 0.5 ns/);
  });
});
