/** gVisor from a checkpoint: the kernel in user space reads its own state and all memory back before it runs. */

import { defineStaged, type Plan } from '../../staged-mechanism.ts';
import { choice, mb, ms } from './given.ts';

export default defineStaged({
  name: 'gvisor-restore',
  description: 'reads the checkpoint of a sandbox back, its own kernel’s state and all memory',
  source: 'agent-substrate/substrate issue 1530; gVisor pull requests 13735 and 13753',
  unmodelled: ['loading in the background while the sandbox runs', 'compressed and split images'],
  properties: {
    unit: 'container',
    capture: 'full dump',
    transport: 'files',
    materialisation: 'copied eagerly',
    shell: 'container',
    isolation: 'userspace kernel',
    sharing: 'nobody',
    needs_parent: 'nothing',
    other_hosts: 'by copying files',
    inherits: 'memory and kernel state',
    writable_root: 'own',
    uniqueness: 'nothing',
    gpu: 'yes',
    poisoned_parent: 'reaches all children',
  },
  parameters: {
    images: choice(
      ['disk', 'cached'],
      'where images lie: on a disk that all restores share, or in the page cache',
      'substrate issue 1530: both were measured',
    ),
    read_ms_per_mb: ms(
      5.14,
      'reading and filling one MiB of an image',
      'D',
      'substrate issue 1530: 3.5 to 4 s for 765 MB alone',
    ),
    sentry_mb: mb(
      22.6,
      'memory of an empty sandbox',
      'A',
      'gVisor website/performance/density.csv: 23,695,032 bytes',
    ),
  },
  colour: '#DDCC77',
  windows: {
    api: ['memory'],
    'critical-path': ['memory'],
    'first-useful-work': ['work'],
  },
  has_address: true,
  plan({ work_ms, footprint_mb, sandbox }, settings): Plan {
    return {
      stages: [
        {
          stage: 'memory',
          ms: settings.read_ms_per_mb * footprint_mb,
          holds: settings.images === 'disk' ? 'disk' : 'core',
        },
        { stage: 'work', ms: work_ms, holds: 'core' },
      ],
      shared_mb: 0,
      child_mb: settings.sentry_mb + footprint_mb + sandbox.dirty_mb,
    };
  },
});
