/** zeroboot: a virtual machine without a monitor, on the snapshot of one that had it. */

import { defineStaged, type Plan } from '../../staged-mechanism.ts';
import { mb, ms, sigma } from './given.ts';
import { snapshotProperties } from './snapshot.ts';

export default defineStaged({
  name: 'zeroboot',
  description:
    'maps a microVM’s snapshot privately in one process, without a monitor for each child',
  source: 'adammiribyan/zeroboot, README',
  unmodelled: [
    'network and disks, which its children do not have',
    'more than one virtual processor',
  ],
  properties: {
    ...snapshotProperties,
    shell: 'none',
    writable_root: 'none',
    uniqueness: 'nothing',
    other_hosts: 'no',
  },
  parameters: {
    spawn_ms: ms(
      0.79,
      'one child, one after the other',
      'A',
      'zeroboot README: median 0.79 ms, 99th percentile 1.74 ms',
    ),
    spawn_sigma: sigma(0.339, 'D', 'zeroboot README: median 0.79 ms, 99th percentile 1.74 ms'),
    exec_ms: ms(
      7.21,
      'from there to the first answer of Python',
      'D',
      'zeroboot README: fork and execution about 8 ms',
    ),
    child_mb: mb(0.253, 'memory of a child', 'A', 'zeroboot README: 265 KB'),
  },
  colour: '#44AA99',
  windows: {
    api: ['state'],
    'critical-path': ['state'],
    'first-useful-work': ['work'],
  },
  reads: ['guest_mb'],
  has_address: false,
  plan({ work_ms, written_mb, sandbox }, settings): Plan {
    return {
      stages: [
        { stage: 'state', ms: settings.spawn_ms, holds: 'lock', sigma: settings.spawn_sigma },
        { stage: 'work', ms: settings.exec_ms + work_ms, holds: 'core' },
      ],
      shared_mb: sandbox.guest_mb,
      child_mb: settings.child_mb + written_mb + sandbox.dirty_mb,
    };
  },
});
