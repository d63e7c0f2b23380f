/** Customers of one server of the engine: how long they wait in line, in service times. */

import { z } from 'zod';
import type { Activity } from '../../engine/activity.ts';
import { Server } from '../../engine/server.ts';
import { Simulation } from '../../engine/simulation.ts';
import { demands, mapping } from '../../experiment/settings.ts';
import { exponential, randomStream } from '../../random.ts';
import { defineHow } from './how.ts';

/** Long beside the nanosecond that the clock counts. */
const mean_service_ns = 1_000_000;

export default defineHow({
  name: 'queue',
  describe: 'mean wait in line over mean service, with arrivals at random',
  schema: z.strictObject(
    {
      utilisation: z.number(demands('a number below 1')).positive().lt(1),
      service: z.enum(['exponential', 'constant'], demands('exponential or constant')),
      customers: z.number(demands('a whole number')).int().min(1).max(1_000_000),
      seed: z.number(demands('a whole number')).int().default(1),
    },
    mapping,
  ),
  answer: ({ utilisation, service, customers, seed }) => {
    const simulation = new Simulation();
    const server = new Server(simulation);
    const arrivals = randomStream(seed, 'arrivals');
    const services = randomStream(seed, 'services');
    function* arrive(): Activity {
      for (let index = 0; index < customers; index++) {
        yield Math.round((exponential(arrivals) * mean_service_ns) / utilisation);
        const time = service === 'constant' ? 1 : exponential(services);
        simulation.start(server.use(Math.round(time * mean_service_ns)));
      }
    }
    simulation.start(arrive());
    simulation.run();
    return server.waited_ns / server.busy_ns;
  },
});
