/** Kata Containers: a container in a microVM of its own, asked for through containerd. */

import { defineStaged, type Plan } from '../../staged-mechanism.ts';
import { startedAnew } from './cold.ts';
import { mb, ms } from './given.ts';

export default defineStaged({
  name: 'kata',
  description: 'boots a microVM for each container and initialises the function in it',
  source: 'kuasar.io, benchmark test report (Kata 2.5.2, Cloud Hypervisor 28.2)',
  unmodelled: ['which of its parts the others wait for: only their sum is published'],
  properties: {
    ...startedAnew,
    unit: 'microVM',
    shell: 'container',
    isolation: 'microVM',
    sharing: 'nobody',
    gpu: 'yes',
  },
  parameters: {
    start_ms: ms(
      872,
      'one pod and its container, without what others wait for',
      'D',
      'kuasar.io: 850 to 950 ms alone, less the next',
    ),
    each_ms: ms(
      28,
      'what each further pod waits for',
      'D',
      'kuasar.io: 1,600 to 1,800 ms for 30 at once',
    ),
    guest_overhead_mb: mb(
      128,
      'memory of a guest without its function',
      'U',
      'not published there',
    ),
  },
  colour: '#882255',
  windows: {
    api: ['monitor', 'state'],
    'critical-path': ['monitor', 'state', 'runtime'],
    'first-useful-work': ['work'],
  },
  has_address: true,
  plan({ initialisation_ms, work_ms, footprint_mb, sandbox }, settings): Plan {
    return {
      stages: [
        { stage: 'monitor', ms: settings.each_ms, holds: 'lock' },
        { stage: 'state', ms: settings.start_ms },
        { stage: 'runtime', ms: initialisation_ms, holds: 'core' },
        { stage: 'work', ms: work_ms, holds: 'core' },
      ],
      shared_mb: 0,
      child_mb: settings.guest_overhead_mb + footprint_mb + sandbox.dirty_mb,
    };
  },
});
