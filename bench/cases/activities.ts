/**
 * Activities that yield random delays, 100,000 of them pending: the whole engine's cost of an
 * event. Against plain callbacks on the same event queue, which is what generators must not lose to.
 */

import type { Activity } from '../../sim/engine/activity.ts';
import { EventQueue } from '../../sim/engine/event-queue.ts';
import { Server } from '../../sim/engine/server.ts';
import { Simulation } from '../../sim/engine/simulation.ts';
import { type Comparison, type Timing, time } from '../comparison.ts';
import { xorshift } from '../random.ts';

const pending = 100_000;
/** Delays are below 2^20 ns, so in this time each activity takes about ten steps. */
const span_ns = 5_000_000;

function activities(): Timing {
  const simulation = new Simulation();
  const random = xorshift();
  let steps = 0;
  function* wander(): Activity {
    for (;;) {
      yield random() >>> 12;
      steps++;
    }
  }
  for (let i = 0; i < pending; i++) simulation.start(wander());
  simulation.run(span_ns);
  const before = steps;
  const timing = time(0, () => {
    simulation.run(2 * span_ns);
    return steps - before;
  });
  return { ...timing, operations: steps - before };
}

function callbacks(): Timing {
  const queue = new EventQueue();
  const random = xorshift();
  let steps = 0;
  const wander = () => {
    let first = true;
    return () => {
      if (first) first = false;
      else steps++;
      return random() >>> 12;
    };
  };
  const callback: (() => number)[] = [];
  const run = (until_ns: number) => {
    while (queue.next_time_ns <= until_ns) {
      queue.postpone(queue.next_time_ns + callback[queue.next_id]!());
    }
  };
  for (let id = 0; id < pending; id++) {
    callback.push(wander());
    queue.insert(0, id);
  }
  run(span_ns);
  const before = steps;
  const timing = time(0, () => {
    run(2 * span_ns);
    return steps - before;
  });
  return { ...timing, operations: steps - before };
}

/** Twenty activities at a server of four channels, with a queue most of the time. */
function contendedServer(): Timing {
  const simulation = new Simulation();
  const server = new Server(simulation, 4);
  const random = xorshift();
  function* visit(): Activity {
    for (;;) {
      yield random() >>> 22;
      yield* server.use(250);
    }
  }
  for (let i = 0; i < 20; i++) simulation.start(visit());
  simulation.run(1_000_000);
  const before = server.served;
  const timing = time(0, () => {
    simulation.run(50_000_000);
    return undefined;
  });
  return { ...timing, operations: server.served - before };
}

const comparisons: Comparison[] = [
  {
    name: `generator activities, ${pending} pending`,
    operations: 'events',
    run: activities,
    baseline: { name: 'plain callbacks', run: callbacks },
    target_rate: 2,
  },
  {
    name: 'visits to a contended server',
    operations: 'visits',
    run: contendedServer,
  },
];

export default comparisons;
