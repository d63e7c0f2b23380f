/** Whether trials are slow enough for what they read: time over the least that their bytes take. */

import { z } from 'zod';
import { mapping } from '../../experiment/settings.ts';
import { ns_per_ms } from '../../units.ts';
import { from_experiment, metricOf, rowsOf } from '../selection.ts';
import { take, taken } from '../take.ts';
import { defineHow } from './how.ts';

export default defineHow({
  name: 'transfer-bound',
  describe: 'time over bytes read / bandwidth of the trial’s CXL memory, of trials that read any',
  schema: z.strictObject({ ...from_experiment, take }, mapping),
  answer: ({ experiment, take: way, ...chosen }, context) => {
    const shares = rowsOf(experiment, chosen, context).flatMap((row, index) => {
      const bytes = row.metrics.cxl_read_bytes ?? 0;
      if (bytes === 0) return [];
      const least_ms = bytes / row.fabric.cxl.read_gb_per_s / ns_per_ms;
      return [[String(index), metricOf(row, chosen, context) / least_ms] as const];
    });
    return taken(new Map(shares), way, context);
  },
});
