/** FaaSnap: the guest runs while a loader brings the recorded set into the page cache, in the order of access. */

import { defineStaged, type Plan } from '../../staged-mechanism.ts';
import { bytes_per_mb, ns_per_ms, pages_per_mb } from '../../units.ts';
import {
  cachedFault,
  diskSpeed,
  imagePages,
  restoreStages,
  snapshotParameters,
  snapshotProperties,
  snapshotWindows,
} from './snapshot.ts';

export default defineStaged({
  name: 'faasnap',
  description: 'restores a microVM that runs while its recorded set is read into the page cache',
  source: 'FaaSnap (EuroSys 2022)',
  unmodelled: ['recording the set, once', 'faults that overtake the loader'],
  properties: { ...snapshotProperties, materialisation: 'recorded and prefetched' },
  parameters: { ...snapshotParameters, ...cachedFault, ...diskSpeed },
  colour: '#E69F00',
  windows: snapshotWindows,
  reads: ['guest_mb'],
  has_address: true,
  plan(asked, settings): Plan {
    const pages = imagePages(asked);
    const read_ms = ((pages / pages_per_mb) * bytes_per_mb) / settings.disk_gb_per_s / ns_per_ms;
    const run_ms = asked.work_ms + (pages * settings.cached_fault_us) / 1000;
    return {
      stages: [
        ...restoreStages(settings),
        // Reading and running go on at once: whichever takes longer is what is left beside the other.
        { stage: 'work', ms: Math.max(0, read_ms - run_ms), holds: 'disk' },
        { stage: 'work', ms: run_ms, holds: 'core' },
      ],
      shared_mb: asked.sandbox.guest_mb,
      child_mb: asked.written_mb + asked.sandbox.dirty_mb,
    };
  },
});
