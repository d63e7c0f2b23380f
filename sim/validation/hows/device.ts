/** A memory by itself: one load, one copy by a core or a card, or many copies at once, on a simulated device. */

import { resolve } from 'node:path';
import { z } from 'zod';
import type { Activity } from '../../engine/activity.ts';
import { Simulation } from '../../engine/simulation.ts';
import { readFabric } from '../../experiment/fabric-file.ts';
import { presetFabric } from '../../experiment/find-fabric.ts';
import { findName } from '../../experiment/find-name.ts';
import { offered } from '../../experiment/installed.ts';
import { isFile } from '../../experiment/overrides.ts';
import { demands, mapping } from '../../experiment/settings.ts';
import { MemoryDevice } from '../../fabric/memory-device.ts';
import { shownPath } from '../../files/read-text.ts';
import { kernelParameters } from '../../memory/kernel-costs.ts';
import { valuesOf } from '../../parameters.ts';
import { type Context, defineHow } from './how.ts';

const share = z.number(demands('a number from 0 to 1')).min(0).max(1);
const whole = z
  .number(demands('a whole number'))
  .int()
  .min(1)
  .max(2 ** 30);

export default defineHow({
  name: 'device',
  describe:
    'latency of a load (ns), time of a copy by a core or of a transfer by a card (us), or bandwidth of many copies (GB/s)',
  schema: z.strictObject(
    {
      fabric: z.string(demands('a fabric preset or a file')).min(1),
      memory: z.enum(['cxl', 'local'], demands('cxl or local')),
      of: z.enum(
        ['latency', 'copy', 'transfer', 'bandwidth'],
        demands('latency, copy, transfer or bandwidth'),
      ),
      /** Share of the bandwidth that others use. */
      utilisation: share.optional(),
      /** The same as what is delivered. */
      gb_per_s: z.number(demands('GB/s')).nonnegative().optional(),
      read_share: share.default(1),
      bytes: whole.default(4096),
      direction: z.enum(['read', 'write'], demands('read or write')).default('read'),
      copies: whole.default(256),
    },
    mapping,
  ),
  answer: (asked, context) => {
    const simulation = new Simulation();
    const settings = fabricOf(asked.fabric, context);
    const memory = asked.memory === 'cxl' ? settings.cxl : settings.node.local;
    const device = new MemoryDevice(simulation, memory);
    if (asked.of === 'latency') {
      const delivered = asked.gb_per_s ?? 0;
      const read = asked.read_share * delivered;
      const used = device.utilisationOf({ read, write: delivered - read }, 1);
      return device.latency_at_ns(asked.utilisation ?? used, asked.read_share);
    }
    if (asked.of === 'copy' || asked.of === 'transfer') {
      const core = asked.of === 'copy' ? valuesOf(kernelParameters) : undefined;
      const device = new MemoryDevice(simulation, memory, core);
      simulation.start(device.transfer(asked.bytes, asked.direction, []));
      simulation.run();
      return simulation.now_ns / 1000;
    }
    return bandwidth(simulation, device, asked);
  },
});

interface Mix {
  readonly bytes: number;
  readonly copies: number;
  readonly read_share: number;
}

/** Many copies at once, reads and writes evenly mixed, their latency not counted: what the device delivers of them. */
function bandwidth(simulation: Simulation, device: MemoryDevice, mix: Mix): number {
  const reads = Math.round(mix.copies * mix.read_share);
  function* copy(index: number): Activity {
    const before = Math.floor((index * reads) / mix.copies);
    const is_read = Math.floor(((index + 1) * reads) / mix.copies) > before;
    yield* device.transfer(mix.bytes, is_read ? 'read' : 'write', []);
  }
  for (let index = 0; index < mix.copies; index++) simulation.start(copy(index));
  simulation.run();
  const busy_ns = simulation.now_ns - Math.ceil(device.settings.latency_ns);
  return (mix.copies * mix.bytes) / busy_ns;
}

function fabricOf(word: string, { folder, where }: Context) {
  if (isFile(word)) {
    const path = resolve(folder, word);
    return readFabric(path, shownPath(path), where);
  }
  findName(word, offered.presets, where, 'fabric preset');
  return presetFabric(word);
}
