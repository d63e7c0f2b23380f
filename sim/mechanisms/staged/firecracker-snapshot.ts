/** Firecracker from a snapshot: its memory file is mapped, from the page cache or the disk, or a handler copies each page. */

import { defineStaged, type Plan } from '../../staged-mechanism.ts';
import { pages_per_mb } from '../../units.ts';
import { choice, us } from './given.ts';
import {
  cachedFault,
  diskFault,
  diskReads,
  imagePages,
  restoreStages,
  snapshotParameters,
  snapshotProperties,
  snapshotWindows,
} from './snapshot.ts';

export default defineStaged({
  name: 'firecracker-snapshot',
  description: 'restores a microVM from its snapshot, memory by mapping or by a fault handler',
  source: 'Firecracker docs/snapshotting; performance tests of 2023; pull request 5061',
  unmodelled: [
    'memory of 10 GiB and more, whose restores take 80 to 90 ms on Graviton',
    'taking the snapshot: what forkd measures of it is told there (capture full and diff)',
    'cgroups v1, to which the documentation ascribes slow restores on x86',
  ],
  properties: snapshotProperties,
  parameters: {
    ...snapshotParameters,
    ...cachedFault,
    ...diskFault,
    memory: choice(
      ['mapped', 'disk', 'uffd'],
      'where pages come from: a mapped file in the page cache, a mapped file on the disk, or a handler of userfaults, which copies, so that children share nothing',
      'Firecracker docs/snapshotting; mitos pull request 231',
    ),
    uffd_page_us: us(
      15,
      'one page through a handler of userfaults',
      'D',
      'Firecracker pull request 5061: 128 MB in about 0.5 s',
    ),
  },
  colour: '#009E73',
  windows: snapshotWindows,
  reads: ['guest_mb'],
  has_address: true,
  plan(asked, settings): Plan {
    const { written_mb, work_ms, sandbox } = asked;
    const pages = imagePages(asked);
    const copies = settings.memory === 'uffd';
    const page_us = {
      mapped: settings.cached_fault_us,
      disk: settings.disk_fault_us,
      uffd: settings.uffd_page_us,
    }[settings.memory as 'mapped'];
    const touches = settings.memory === 'disk' ? diskReads(asked) : pages;
    const each_ms = page_us / 1000;
    const guest_mb = sandbox.guest_mb;
    return {
      stages: [
        ...restoreStages(settings),
        // Faults of one child wait for one another; the disk is everybody's.
        {
          stage: 'work',
          ms: touches * each_ms,
          holds: settings.memory === 'disk' ? 'disk' : 'core',
        },
        { stage: 'work', ms: work_ms, holds: 'core' },
      ],
      shared_mb: guest_mb,
      child_mb: written_mb + sandbox.dirty_mb + (copies ? pages / pages_per_mb : 0),
    };
  },
});
