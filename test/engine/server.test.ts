import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Activity, ActivityError } from '../../sim/engine/activity.ts';
import { Server } from '../../sim/engine/server.ts';
import { Simulation } from '../../sim/engine/simulation.ts';

interface Customer {
  arrival_ns: number;
  service_ns: number;
}

const customers = fc.array(fc.record({ arrival_ns: fc.nat(100), service_ns: fc.nat(30) }), {
  maxLength: 40,
});
const capacities = fc.integer({ min: 1, max: 5 });

/** The oracle: in order of arrival, each takes the channel that is free first. */
function departures(all: Customer[], capacity: number): number[] {
  const free_ns: number[] = Array(capacity).fill(0);
  const leaving_ns: number[] = [];
  const order = all.map((_, i) => i).sort((a, b) => all[a]!.arrival_ns - all[b]!.arrival_ns);
  for (const i of order) {
    const { arrival_ns, service_ns } = all[i]!;
    const channel = free_ns.indexOf(Math.min(...free_ns));
    leaving_ns[i] = Math.max(arrival_ns, free_ns[channel]!) + service_ns;
    free_ns[channel] = leaving_ns[i];
  }
  return leaving_ns;
}

/** Simulates the customers; `serve` is how one of them holds a channel. */
function simulate(
  all: Customer[],
  capacity: number,
  serve = (server: Server, service_ns: number) => server.use(service_ns),
) {
  const simulation = new Simulation();
  const server = new Server(simulation, capacity);
  const leaving_ns: number[] = [];
  function* visit(customer: number, service_ns: number): Activity {
    yield* serve(server, service_ns);
    leaving_ns[customer] = simulation.now_ns;
  }
  all.forEach(({ arrival_ns, service_ns }, i) => {
    simulation.start(visit(i, service_ns), arrival_ns);
  });
  return { simulation, server, leaving_ns };
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

describe('server', () => {
  it('serves n equal customers at once in ⌈n / capacity⌉ service times', () => {
    const together = Array(7).fill({ arrival_ns: 0, service_ns: 10 });
    const { simulation, leaving_ns } = simulate(together, 3);
    simulation.run();
    assert.deepEqual(leaving_ns, [10, 10, 10, 20, 20, 20, 30]);
  });

  it('serves in order of arrival, however long each takes', () => {
    const { simulation, leaving_ns } = simulate(
      [
        { arrival_ns: 0, service_ns: 100 },
        { arrival_ns: 2, service_ns: 1 },
        { arrival_ns: 1, service_ns: 50 },
      ],
      1,
    );
    simulation.run();
    assert.deepEqual(leaving_ns, [100, 151, 150]);
  });

  it('gives a freed channel to the first in line, not to whoever comes at that instant', () => {
    const simulation = new Simulation();
    const server = new Server(simulation);
    const log: string[] = [];
    function* first(): Activity {
      yield* server.use(5);
      yield* server.use(5);
      log.push('back again');
    }
    function* second(): Activity {
      yield* server.use(5);
      log.push('patient');
    }
    simulation.start(first());
    simulation.start(second(), 1);
    simulation.run();
    assert.deepEqual(log, ['patient', 'back again']);
  });

  it('holds an acquired channel until it is released', () => {
    const simulation = new Simulation();
    const server = new Server(simulation);
    simulation.start(server.acquire());
    const use = simulation.start(server.use(1));
    simulation.run(1000);
    assert.deepEqual([server.in_use, server.queue_length, server.busy_ns], [1, 1, 1000]);
    server.release();
    simulation.run();
    assert.equal(use.done.fired, true);
    assert.deepEqual([server.in_use, server.served, simulation.now_ns], [0, 2, 1001]);
  });

  it('refuses to release a channel that nobody holds', () => {
    assert.throws(() => new Server(new Simulation()).release(), /nobody holds/);
  });

  it('has a whole number of channels, one at least', () => {
    for (const capacity of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.throws(() => new Server(new Simulation(), capacity), RangeError);
    }
  });

  it('refuses a negative service time', () => {
    const simulation = new Simulation();
    simulation.start(new Server(simulation).use(-1));
    assert.throws(() => simulation.run(), ActivityError);
  });

  it('lets everyone leave when a list of free times says so', () => {
    fc.assert(
      fc.property(customers, capacities, (all, capacity) => {
        const { simulation, leaving_ns } = simulate(all, capacity);
        simulation.run();
        assert.deepEqual(leaving_ns, departures(all, capacity));
      }),
    );
  });

  it('serves the same whether a channel is used or acquired and released', () => {
    fc.assert(
      fc.property(customers, capacities, (all, capacity) => {
        const { simulation, leaving_ns } = simulate(all, capacity, function* (server, service_ns) {
          yield* server.acquire();
          yield service_ns;
          server.release();
        });
        simulation.run();
        assert.deepEqual(leaving_ns, departures(all, capacity));
      }),
    );
  });

  it('is never idle while someone waits, nor busier than time allows', () => {
    fc.assert(
      fc.property(customers, capacities, (all, capacity) => {
        const { simulation, server } = simulate(all, capacity);
        while (simulation.pending > 0) {
          simulation.run(simulation.now_ns + 1);
          assert.ok(server.queue_length === 0 || server.in_use === capacity);
          assert.ok(server.busy_ns <= capacity * simulation.now_ns);
        }
      }),
    );
  });

  it('accounts exactly for the time spent in service and in line', () => {
    fc.assert(
      fc.property(customers, capacities, (all, capacity) => {
        const { simulation, server, leaving_ns } = simulate(all, capacity);
        simulation.run();
        const service_ns = sum(all.map((customer) => customer.service_ns));
        const stay_ns = sum(all.map(({ arrival_ns }, i) => leaving_ns[i]! - arrival_ns));
        assert.equal(server.served, all.length);
        assert.equal(server.busy_ns, service_ns);
        assert.equal(server.waited_ns, stay_ns - service_ns);
      }),
    );
  });
});
