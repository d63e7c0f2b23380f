/** What is known of hosts with the module before they are connected, and what an experiment may set of them. */

import type { BackendDefinition } from '../backend.ts';
import { module_sources } from './real/sources.ts';
import { unreadByKernels } from './unread-by-kernels.ts';
import { vmParameters } from './vm-definition.ts';

const source = 'none: where and how long trials run';

export const hostParameters = {
  nodes: {
    default: 'localhost',
    unit: 'word',
    description:
      'the host of the parent and, after a comma, that of children: localhost, or SSH destinations of root',
    source,
  },
  tools: {
    default: '/usr/local/bin',
    unit: 'word',
    description: 'folder of rforkctl on the hosts',
    source,
  },
  warm_invocations: vmParameters.warm_invocations,
  time_limit_s: {
    ...vmParameters.time_limit_s,
    description: 'a trial that takes longer has failed, and the hosts are connected to anew',
  },
} as const;

export const host: BackendDefinition = {
  description: 'one or two Linux hosts with the kernel module and CXL memory, here or over SSH',
  origin: 'measured on backend host',
  runs: 'kernels',
  clock: 'of the machine',
  owns_machines: true,
  sources: module_sources,
  parameters: hostParameters,
  unread: unreadByKernels,
};
