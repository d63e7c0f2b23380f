/** A backend that measures a trial's index, and misbehaves where it is told to. */

import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import type { Backend, Trial } from '../../sim/backend.ts';

const arithmetic: Backend = {
  name: 'arithmetic',
  unsupported(trial) {
    const { skip } = trial.parameters['arithmetic'] ?? {};
    return skip === trial.mechanism ? `${skip} was told to be skipped` : undefined;
  },
  async run(trial: Trial) {
    const settings = trial.parameters['arithmetic'] ?? {};
    if (typeof settings['log'] === 'string') appendFileSync(settings['log'], `${trial.index}\n`);
    if (settings['throw_at'] === trial.index) {
      throw new Error(`trial ${trial.index} was told to throw\nand says more`);
    }
    if (settings['throw_once_at'] === trial.index && !existsSync(`${settings['once']}`)) {
      writeFileSync(`${settings['once']}`, '');
      throw new Error('trial was told to throw once');
    }
    if (settings['exit_at'] === trial.index) process.exit(7);
    if (settings['throw_outside_at'] === trial.index) {
      setImmediate(() => {
        throw new Error(`thrown outside of trial ${trial.index}`);
      });
      await setTimeout(1000);
    }
    if (typeof settings['delay_ms'] === 'number') await setTimeout(settings['delay_ms']);
    const restore_ms = settings['nan_at'] === trial.index ? Number.NaN : trial.index;
    const measurements = { restore_ms, end_to_end_ms: trial.index + 0.5 };
    if (settings['below_zero_at'] !== trial.index) return { measurements };
    return { measurements, series: { node_memory_mb: [[0, -1]] } };
  },
  async close() {},
};

export const backends = { arithmetic: () => arithmetic };
