/** DeltaBox: processes of a microVM are forked from retained templates, on file-system layers of their own. */

import { defineStaged, type Plan } from '../../staged-mechanism.ts';
import { ms } from './given.ts';

const artifact = 'delta-box-ae 8a61a75';

export default defineStaged({
  name: 'deltabox',
  description: 'forks the process of an agent from a retained template, with a layer of its files',
  source: 'DeltaBox (USENIX ATC 2026, arXiv 2605.22781) and its artifact, 8a61a75 and a86b3d9',
  unmodelled: [
    'restores through CRIU (54 to 130 ms), where no template is retained',
    'memory of children, which is in the artifact’s figure 6a and not read here: what the function writes counts',
  ],
  properties: {
    unit: 'process',
    capture: 'incremental',
    transport: 'page cache',
    materialisation: 'mapped, copied on write',
    shell: 'reused',
    isolation: 'microVM',
    sharing: 'one host',
    needs_parent: 'new children',
    other_hosts: 'no',
    inherits: 'memory and kernel state',
    writable_root: 'own',
    uniqueness: 'unknown',
    gpu: 'unknown',
    poisoned_parent: 'reaches all children',
  },
  parameters: {
    critical_ms: ms(
      1.59,
      'restore from a retained template, what the child waits for',
      'A',
      `${artifact}, checkpoint_restore: Django, warm`,
    ),
    call_ms: ms(1.49, 'the rest of the call', 'D', `${artifact}: 3.08 ms in all`),
    channel_ms: ms(
      4.52,
      'from the return of the call to a channel that can be used',
      'D',
      `${artifact}: 7.6 ms in all`,
    ),
    checkpoint_ms: ms(
      12.5,
      'call that makes an image of a running agent, which waits for it',
      'A',
      `${artifact}, checkpoint_restore: Django, warm; hidden under inference where there is any`,
    ),
    verify_ms: ms(
      0.91,
      'checking what was inherited, beside others',
      'D',
      `${artifact}, fan-out: 11.8 ms for one child, less all else`,
    ),
    each_ms: ms(
      3.32,
      'what each further child waits for',
      'D',
      `${artifact}, fan-out: 14.0 ms for 4 and 53.8 ms for 16 children`,
    ),
  },
  colour: '#AA4499',
  windows: {
    'critical-path': ['state'],
    api: ['control', 'state'],
    'first-useful-work': ['work'],
    verified: ['verify'],
  },
  captures: ['diff'],
  has_address: false,
  plan({ work_ms, written_mb, footprint_mb, sandbox }, settings): Plan {
    return {
      stages: [
        { stage: 'control', ms: settings.call_ms },
        { stage: 'state', ms: settings.critical_ms, holds: 'core' },
        { stage: 'work', ms: settings.channel_ms },
        { stage: 'work', ms: work_ms, holds: 'core' },
        { stage: 'verify', ms: settings.each_ms, holds: 'lock' },
        { stage: 'verify', ms: settings.verify_ms },
      ],
      shared_mb: footprint_mb,
      child_mb: written_mb + sandbox.dirty_mb,
      branch_mb: sandbox.dirty_mb,
      ...(sandbox.capture !== 'none' && {
        branch: {
          pause_ms: settings.checkpoint_ms,
          returns_ms: settings.checkpoint_ms,
          whole_ms: settings.checkpoint_ms,
        },
      }),
    };
  },
});
