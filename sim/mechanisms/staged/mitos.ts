/** mitos: warm microVMs that are claimed from a buffer, or forked through a control plane whose stages are published. */

import { defineStaged, type Plan } from '../../staged-mechanism.ts';
import { choice, ms } from './given.ts';
import { snapshotProperties } from './snapshot.ts';

const stages_of = 'mitos issue 832, one co-located fork of 695 ms';
const burst =
  'mitos dcc382e, bench/results/single_node_burst: median 357 ms for 4 and 545 ms for 8 at once, deeper buffer';

export default defineStaged({
  name: 'mitos',
  description: 'claims a warm microVM from a buffer, or forks one through its control plane',
  source: 'mitos-run/mitos dcc382e, bench/results and issue 832',
  unmodelled: [
    'filling the buffer again, which makes bursts beyond it ten times as long',
    'forks that spill to other machines',
  ],
  properties: { ...snapshotProperties, shell: 'pooled' },
  parameters: {
    call: choice(
      ['claim', 'fork'],
      'claiming a warm sandbox, or forking one',
      'mitos: both were measured',
    ),
    once_ms: ms(122, 'claim: what every child takes, beside the others', 'D', burst),
    each_ms: ms(94, 'claim: what each further child waits for', 'D', burst),
    control_ms: ms(
      149,
      'fork: remote procedures with mutual TLS, controller and status',
      'B',
      stages_of,
    ),
    network_ms: ms(108, 'fork: filter of what leaves the sandbox', 'B', stages_of),
    filesystem_ms: ms(31, 'fork: clone of the root file system', 'B', stages_of),
    snapshot_ms: ms(364, 'fork: snapshot of the parent', 'B', stages_of),
  },
  colour: '#888888',
  windows: {
    api: ['control', 'network', 'filesystem', 'memory'],
    'first-useful-work': ['work'],
  },
  reads: ['guest_mb'],
  has_address: true,
  plan({ work_ms, written_mb, sandbox }, settings): Plan {
    const is_claim = settings.call === 'claim';
    return {
      stages: [
        ...(is_claim
          ? ([
              { stage: 'control', ms: settings.each_ms, holds: 'lock' },
              { stage: 'control', ms: settings.once_ms },
            ] as const)
          : ([
              { stage: 'control', ms: settings.control_ms },
              { stage: 'network', ms: settings.network_ms },
              { stage: 'filesystem', ms: settings.filesystem_ms },
              { stage: 'memory', ms: settings.snapshot_ms },
            ] as const)),
        { stage: 'work', ms: work_ms, holds: 'core' },
      ],
      shared_mb: sandbox.guest_mb,
      child_mb: written_mb + sandbox.dirty_mb,
    };
  },
});
