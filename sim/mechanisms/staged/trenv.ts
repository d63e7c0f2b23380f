/** TrEnv: a used sandbox is cleansed and given to any function, whose memory template in CXL memory is mapped and shared. */

import { defineStaged, type Plan } from '../../staged-mechanism.ts';
import { ms } from './given.ts';

export default defineStaged({
  name: 'trenv',
  description: 'repurposes a used sandbox and maps the function’s memory template in CXL memory',
  source: 'TrEnv (SOSP 2024); TrEnv-X, arXiv 2509.09525v2, abstracts',
  unmodelled: [
    'reads of the function over CXL, which no abstract gives apart',
    'the RDMA half of its memory pool',
  ],
  properties: {
    unit: 'container',
    capture: 'template',
    transport: 'CXL memory',
    materialisation: 'mapped, copied on write',
    shell: 'reused',
    isolation: 'container',
    sharing: 'CXL pool',
    needs_parent: 'nothing',
    other_hosts: 'yes',
    inherits: 'memory',
    writable_root: 'own',
    uniqueness: 'unknown',
    gpu: 'unknown',
    poisoned_parent: 'reaches all children',
  },
  parameters: {
    rootfs_ms: ms(
      1,
      'root file system put over the former',
      'C',
      'review of TrEnv: less than 1 ms',
    ),
    repurpose_ms: ms(
      9,
      'the rest until the container is ready: the bound that is stated',
      'B',
      'TrEnv abstract: within 10 ms in all',
    ),
  },
  colour: '#A65628',
  windows: { api: ['filesystem', 'monitor'] },
  has_address: true,
  plan({ footprint_mb, written_mb, sandbox }, settings): Plan {
    return {
      stages: [
        { stage: 'filesystem', ms: settings.rootfs_ms },
        { stage: 'monitor', ms: settings.repurpose_ms, holds: 'core' },
      ],
      shared_mb: 0,
      pool_mb: footprint_mb,
      child_mb: written_mb + sandbox.dirty_mb,
    };
  },
});
