/** Aquifer: snapshots without zero pages; hot ones are copied from CXL memory before a microVM runs, cold ones come by RDMA. */

import { defineStaged, type Plan } from '../../staged-mechanism.ts';
import { bytes_per_mb, ns_per_ms, pages_per_mb } from '../../units.ts';
import { share, us } from './given.ts';
import {
  imagePages,
  restoreStages,
  snapshotParameters,
  snapshotProperties,
  snapshotWindows,
} from './snapshot.ts';

export default defineStaged({
  name: 'aquifer',
  description:
    'copies the hot pages of a microVM’s snapshot from CXL memory, fetches cold ones by RDMA',
  source: 'Aquifer, arXiv 2606.24079, abstract and notes',
  unmodelled: [
    'ownership of pages among hosts without coherence',
    'links that several hosts share',
  ],
  properties: {
    ...snapshotProperties,
    transport: 'CXL memory',
    materialisation: 'recorded and prefetched',
    sharing: 'nobody',
    other_hosts: 'yes',
  },
  parameters: {
    ...snapshotParameters,
    hot_share: share(
      0.055,
      'share of the guest’s pages that are hot',
      'C',
      'notes on Aquifer: 5.5 % hot, 82.8 % zero',
    ),
    cold_share: share(
      0.117,
      'share of the guest’s pages that are neither hot nor zero',
      'C',
      'notes on Aquifer: 5.5 % hot, 82.8 % zero',
    ),
    hot_missed_share: share(
      0,
      'share of what a child touches that is not among the hot',
      'U',
      'not published; to be swept as the threshold is',
    ),
    pool_gb_per_s: {
      default: 5.1,
      unit: 'gb_per_s',
      minimum: 0.01,
      maximum: 1000,
      description: 'reads from CXL memory',
      source: 'as of the preset cxlfork-testbed; grade U: emulated there, and not published',
    },
    rdma_us: us(5, 'one cold page over RDMA', 'U', 'not published; Mitosis: 4.8 us a page'),
  },
  colour: '#DECBE4',
  windows: snapshotWindows,
  reads: ['guest_mb'],
  has_address: true,
  plan(asked, settings): Plan {
    const { guest_mb, dirty_mb } = asked.sandbox;
    const hot_mb = settings.hot_share * guest_mb;
    const cold_pages = settings.hot_missed_share * imagePages(asked);
    return {
      stages: [
        ...restoreStages(settings),
        {
          stage: 'memory',
          ms: (hot_mb * bytes_per_mb) / settings.pool_gb_per_s / ns_per_ms,
          holds: 'disk',
        },
        { stage: 'work', ms: (cold_pages * settings.rdma_us) / 1000 },
        { stage: 'work', ms: asked.work_ms, holds: 'core' },
      ],
      shared_mb: 0,
      pool_mb: (settings.hot_share + settings.cold_share) * guest_mb,
      child_mb: hot_mb + cold_pages / pages_per_mb + asked.written_mb + dirty_mb,
    };
  },
});
