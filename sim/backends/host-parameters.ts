/** What an experiment may set of hosts with the module. */

import { vmParameters } from './vm-parameters.ts';

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
