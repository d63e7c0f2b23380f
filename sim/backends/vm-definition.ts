/** What is known of the two virtual machines before they boot, and what an experiment may set of them. */

import type { BackendDefinition } from '../backend.ts';
import { module_sources } from './real/sources.ts';
import { unreadByKernels } from './unread-by-kernels.ts';

const source = 'none: how the testbed is run';

export const vmParameters = {
  kernel: {
    default: '6.1',
    unit: 'choice',
    choices: ['6.1', '6.12', '6.12-debug'],
    description: 'kernel of both machines: Debian’s, or one with debugging checks',
    source,
  },
  root: {
    default: 'debian',
    unit: 'choice',
    choices: ['debian', 'busybox'],
    description: 'root file system: busybox boots faster, but has no interpreters',
    source,
  },
  memory: {
    default: 'local',
    unit: 'choice',
    choices: ['local', 'numa-node'],
    description:
      'where functions have their memory: local, or on a NUMA node without processors, by which others emulate CXL memory',
    source,
  },
  layout: {
    default: 'fixed',
    unit: 'choice',
    choices: ['fixed', 'random'],
    description:
      'where in its address space a function has its memory: in every run the same, or wherever the kernel chooses',
    source,
  },
  warm_invocations: {
    default: 16,
    unit: 'count',
    minimum: 2,
    maximum: 1000,
    description: 'invocations before the checkpoint; A and D bits are cleared after the first',
    source: 'CXLfork section 6: checkpoint after the 16th invocation',
  },
  time_limit_s: {
    default: 1800,
    unit: 's',
    minimum: 1,
    maximum: 86_400,
    description: 'a trial that takes longer has failed, and its machines are booted anew',
    source,
  },
  shared_mb: {
    default: 512,
    unit: 'MiB',
    minimum: 256,
    maximum: 16_384,
    description: 'memory that both machines share, in steps of 256',
    source,
  },
  memory_mb: {
    default: 1024,
    unit: 'MiB',
    minimum: 512,
    maximum: 2048,
    description: 'memory of each machine',
    source,
  },
} as const;

export const vm: BackendDefinition = {
  description:
    'two Linux kernels over shared memory, in virtual machines; counts are exact, times relative',
  origin:
    'measured on two emulated kernels (backend vm: counts are exact, times only comparable with one another)',
  runs: 'kernels',
  clock: 'emulated',
  owns_machines: true,
  // The module, and the machines that it runs in.
  sources: [...module_sources, 'kernel-module/testbed/guest'],
  parameters: vmParameters,
  unread: unreadByKernels,
};
