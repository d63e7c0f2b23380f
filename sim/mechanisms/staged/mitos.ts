/** mitos: warm microVMs that are claimed from a buffer, or forked through a control plane whose stages are published. */

import { defineStaged, type Plan } from '../../staged-mechanism.ts';
import { choice, ms, sigma } from './given.ts';
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
      ['claim', 'fork', 'direct'],
      'claiming a warm sandbox, forking one through the control plane, or forking one without it until its first command has run',
      'mitos: both were measured',
    ),
    once_ms: ms(122, 'claim: what every child takes, beside the others', 'D', burst),
    each_ms: ms(94, 'claim: what each further child waits for', 'D', burst),
    direct_ms: ms(
      100.6,
      'direct: from asking for a fork to its first command, median of 100',
      'A',
      'mitos dcc382e, bench/results, spike-rust-fork; a client in Go: 114.3 ms',
    ),
    direct_sigma: sigma(
      0.0901,
      'D',
      'mitos dcc382e, bench/results, spike-rust-fork: 90th percentile 112.9 ms; a client in Go: 132.0 ms, so 0.112',
    ),
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
    api: ['control', 'network', 'filesystem', 'memory', 'state'],
    'first-useful-work': ['work'],
  },
  reads: ['guest_mb'],
  has_address: true,
  plan({ work_ms, written_mb, sandbox }, settings): Plan {
    const { call, direct_ms, direct_sigma } = settings;
    return {
      stages: [
        ...(call === 'direct'
          ? ([{ stage: 'state', ms: direct_ms, sigma: direct_sigma }] as const)
          : call === 'claim'
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
