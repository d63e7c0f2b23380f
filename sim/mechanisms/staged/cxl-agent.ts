/**
 * An agent's sandbox in CXL memory, which nobody has built: its processes are attached as CXLfork does, in a used shell as
 * TrEnv's, over layers of files that lie in CXL memory, too; a running one is branched into increments there, as DeltaBox
 * does on one host.
 *
 *     host A   agent ─ stands still ─► increment: pages written since the last one, top layer of files    in CXL memory
 *     host B   shell, used before ─► layers mounted ─► processes attached ─► channel to the agent
 */

import { defineStaged, type Plan } from '../../staged-mechanism.ts';
import { bytes_per_mb, ns_per_ms, pages_per_mb } from '../../units.ts';
import { ms, us } from './given.ts';
import trenv from './trenv.ts';

const artifact = 'delta-box-ae 8a61a75';
const us_per_ms = 1000;

export default defineStaged({
  name: 'cxl-agent',
  description:
    'attaches an agent’s processes and layers of files in CXL memory, in a used shell; inferred',
  source: 'CXLfork section 4, TrEnv and DeltaBox put together; nothing is published',
  inferred:
    'its costs are those of CXLfork, of TrEnv’s shells and of DeltaBox’ channel put together',
  unmodelled: [
    'reads over CXL memory of what is not copied: mechanism cxlfork has them, page by page',
    'writes to files, which go to a layer of the child’s own as its memory does',
    'connections that the agent has open, which neither CXLfork nor DeltaBox brings back',
  ],
  properties: {
    unit: 'process',
    capture: 'incremental',
    transport: 'CXL memory',
    materialisation: 'mapped, copied on write',
    shell: 'reused',
    isolation: 'container',
    sharing: 'CXL pool',
    needs_parent: 'nothing',
    other_hosts: 'yes',
    inherits: 'memory and kernel state',
    writable_root: 'own',
    uniqueness: 'nothing',
    gpu: 'no',
    poisoned_parent: 'reaches all children',
  },
  parameters: {
    call_ms: ms(1.49, 'call without what the child waits for', 'D', `${artifact}: 3.08 ms in all`),
    rootfs_ms: trenv.parameters['rootfs_ms'] as ReturnType<typeof ms>,
    repurpose_ms: trenv.parameters['repurpose_ms'] as ReturnType<typeof ms>,
    processes: {
      default: 3,
      unit: 'count',
      minimum: 1,
      maximum: 10_000,
      description: 'processes of an agent, which are attached one after the other',
      source: 'assumed: init, shell, tool; grade U: unknown, to be swept (TClone: over 100)',
    },
    attach_us: us(
      246,
      'attaching one process, with its open files',
      'D',
      'cxlfork.global_state_ns and eight times kernel.open_ns',
    ),
    page_us: us(
      1.02,
      'one page that is copied with others',
      'D',
      'kernel.bulk_page_ns, fitted on CXLfork restores',
    ),
    pool_gb_per_s: {
      default: 5.1,
      unit: 'gb_per_s',
      minimum: 0.01,
      maximum: 1000,
      description: 'reads and writes of CXL memory',
      source: 'as of the preset cxlfork-testbed; grade B: CXLfork section 6',
    },
    channel_ms: ms(
      4.52,
      'from the return of the call to a channel that can be used',
      'D',
      `${artifact}: 7.6 ms in all`,
    ),
    freeze_ms: ms(
      12.5,
      'pause of an agent that is branched, without copying what it has written to CXL memory',
      'D',
      `${artifact}, checkpoint_restore: Django, warm, which copies within the host`,
    ),
  },
  colour: '#1B7837',
  windows: {
    'critical-path': ['filesystem', 'state', 'memory'],
    api: ['control', 'monitor', 'filesystem', 'state', 'memory'],
    'first-useful-work': ['work'],
  },
  captures: ['diff'],
  has_address: true,
  plan({ work_ms, written_mb, footprint_mb, sandbox }, settings): Plan {
    const copy_ms = (size_mb: number) =>
      (size_mb * bytes_per_mb) / settings.pool_gb_per_s / ns_per_ms +
      (size_mb * pages_per_mb * settings.page_us) / us_per_ms;
    const pause_ms = settings.freeze_ms + copy_ms(written_mb + sandbox.dirty_mb);
    return {
      stages: [
        { stage: 'control', ms: settings.call_ms },
        { stage: 'monitor', ms: settings.repurpose_ms, holds: 'core' },
        { stage: 'filesystem', ms: settings.rootfs_ms },
        {
          stage: 'state',
          ms: (settings.processes * settings.attach_us) / us_per_ms,
          holds: 'core',
        },
        // What the parent wrote last, a child writes again: it is copied at once, and the device is everybody's.
        { stage: 'memory', ms: copy_ms(Math.min(written_mb, footprint_mb)), holds: 'disk' },
        { stage: 'work', ms: settings.channel_ms },
        { stage: 'work', ms: work_ms, holds: 'core' },
      ],
      shared_mb: 0,
      pool_mb: footprint_mb,
      child_mb: written_mb + sandbox.dirty_mb,
      branch_mb: 0,
      pool_branch_mb: written_mb + sandbox.dirty_mb,
      ...(sandbox.capture !== 'none' && {
        branch: { pause_ms, returns_ms: pause_ms, whole_ms: pause_ms },
      }),
    };
  },
});
