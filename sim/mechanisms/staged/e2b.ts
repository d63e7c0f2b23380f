/** E2B on machines of one's own: sandboxes resume from snapshots that an orchestrator fetches. */

import { definedByFanOut } from './fan-out.ts';
import { snapshotProperties } from './snapshot.ts';

const points =
  'delta-box-ae 8a61a75, fan-out of self-hosted E2B: 1,641 ms for 1 and 10,601 ms for 16 children';

export default definedByFanOut({
  name: 'e2b',
  description: 'resumes microVMs from snapshots through an orchestrator (self-hosted E2B)',
  source: 'delta-box-ae 8a61a75, fan-out; E2B documentation',
  unmodelled: [
    'stages of it: one run a point is published, of batches of at most 16',
    'pauses (about 4 s/GiB)',
  ],
  properties: { ...snapshotProperties, transport: 'object store', materialisation: 'on demand' },
  colour: '#661100',
  once: [1044, 'D', points],
  each: [597.3, 'D', points],
});
