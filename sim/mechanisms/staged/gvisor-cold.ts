/** gVisor from nothing: a container whose system calls a kernel in user space answers. */

import { defineStaged, type Plan } from '../../staged-mechanism.ts';
import { startedAnew } from './cold.ts';
import { choice, mb, ms } from './given.ts';

export default defineStaged({
  name: 'gvisor-cold',
  description: 'starts a container under a kernel in user space and initialises the function in it',
  source: 'apoxy.dev, gVisor cold start: where the time goes; gVisor website/performance',
  unmodelled: ['system calls and faults of the running function, which cost more than on Linux'],
  properties: {
    ...startedAnew,
    unit: 'container',
    shell: 'container',
    isolation: 'userspace kernel',
    sharing: 'nobody',
    gpu: 'yes',
  },
  parameters: {
    profile: choice(
      ['median', 'fastest', 'slowest'],
      'which of eight hosts: 81 to 280 ms, and the middle of that on a logarithmic scale, 151 ms',
      'apoxy.dev: runsc create and start on eight hosts (grade B; the middle is derived: grade D)',
    ),
    namespaces_ms: ms(
      9,
      'namespaces of one container, which the kernel makes one at a time',
      'B',
      'arXiv 2602.15214: 8 to 10 ms',
    ),
    sentry_mb: mb(
      22.6,
      'memory of an empty sandbox',
      'A',
      'gVisor website/performance/density.csv: 23,695,032 bytes',
    ),
  },
  colour: '#999933',
  windows: {
    api: ['network', 'monitor'],
    'critical-path': ['monitor', 'runtime'],
    'first-useful-work': ['work'],
  },
  has_address: true,
  plan({ initialisation_ms, work_ms, footprint_mb, sandbox }, settings): Plan {
    const whole_ms = { median: 151, fastest: 81, slowest: 280 }[settings.profile as 'median'];
    return {
      stages: [
        { stage: 'network', ms: settings.namespaces_ms, holds: 'lock' },
        { stage: 'monitor', ms: Math.max(0, whole_ms - settings.namespaces_ms), holds: 'core' },
        { stage: 'runtime', ms: initialisation_ms, holds: 'core' },
        { stage: 'work', ms: work_ms, holds: 'core' },
      ],
      shared_mb: 0,
      child_mb: settings.sentry_mb + footprint_mb + sandbox.dirty_mb,
    };
  },
});
