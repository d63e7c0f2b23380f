/** REAP: pages that a first run faulted on are recorded, and read from the disk at once before the next one runs. */

import { defineStaged, type Plan } from '../../staged-mechanism.ts';
import { bytes_per_mb, ns_per_ms, pages_per_mb } from '../../units.ts';
import { share } from './given.ts';
import {
  diskFault,
  diskReads,
  diskSpeed,
  imagePages,
  restoreStages,
  snapshotParameters,
  snapshotProperties,
  snapshotWindows,
} from './snapshot.ts';

export default defineStaged({
  name: 'reap',
  description: 'restores a microVM and reads the recorded working set in one go before it runs',
  source: 'REAP / vHive (ASPLOS 2021, arXiv 2101.09355)',
  unmodelled: [
    'recording the working set, once',
    'networks and block devices, which hold up many restores at once',
  ],
  properties: {
    ...snapshotProperties,
    materialisation: 'recorded and prefetched',
    transport: 'files',
    sharing: 'nobody',
  },
  parameters: {
    ...snapshotParameters,
    ...diskFault,
    ...diskSpeed,
    missed_share: share(
      0.03,
      'share of touched pages that the record does not have',
      'C',
      'notes on REAP: 97 % of faults are gone',
    ),
  },
  colour: '#CC79A7',
  windows: snapshotWindows,
  has_address: true,
  plan(asked, settings): Plan {
    const pages = imagePages(asked);
    const set_mb = pages / pages_per_mb;
    const read_ms = (set_mb * bytes_per_mb) / settings.disk_gb_per_s / ns_per_ms;
    return {
      stages: [
        ...restoreStages(settings),
        { stage: 'memory', ms: read_ms, holds: 'disk' },
        {
          stage: 'work',
          ms: (settings.missed_share * diskReads(asked) * settings.disk_fault_us) / 1000,
          holds: 'disk',
        },
        { stage: 'work', ms: asked.work_ms, holds: 'core' },
      ],
      // Its record is read past the page cache, so that children share nothing.
      shared_mb: 0,
      child_mb: set_mb + asked.written_mb + asked.sandbox.dirty_mb,
    };
  },
});
