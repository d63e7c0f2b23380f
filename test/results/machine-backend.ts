/** A backend that owns a machine, which takes one trial at a time; and one of which many may run. */

import { setTimeout } from 'node:timers/promises';
import { isMainThread } from 'node:worker_threads';
import type { Backend, BackendContext } from '../../sim/backend.ts';

let running = 0;

const machine = ({ directory }: BackendContext): Backend => ({
  name: 'machine',
  unsupported: () => undefined,
  async run() {
    running += 1;
    await setTimeout(5);
    const alone = running === 1 && isMainThread && directory.startsWith('/');
    running -= 1;
    return { measurements: { minor_faults: alone ? 1 : 0 } };
  },
  async close() {},
});

const computed: Backend = {
  name: 'computed',
  unsupported: () => undefined,
  run: async () => ({ measurements: { minor_faults: isMainThread ? 0 : 1 } }),
  async close() {},
};

export const backends = { machine, computed: () => computed };
export const one_at_a_time = ['machine'];
