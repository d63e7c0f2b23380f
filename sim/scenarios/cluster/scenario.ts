/** What is known of scenario `cluster`. */

import type { Scenario } from '../scenario.ts';
import { CostsOfChildren } from './child-costs.ts';
import { clusterRefusal, runCluster } from './run-cluster.ts';
import { unreadByCluster } from './unread.ts';

export const cluster: Scenario = {
  description: 'many instances on many nodes, each by what a child costs page by page',
  told: 'many instances by the costs of one',
  serves: 'processes',
  on_kernels: false,
  unmodelled: [
    'Instances: containers, the scheduler and the network are not there; a request reaches its node at once, and a ' +
      'restore begins as soon as the node has a core and the memory for it.',
    'Pages that another thread promotes (cxlfork.promotion): what it has brought in time among many, the costs of one child ' +
      'do not tell, so hot pages come by their faults.',
    'Copies over RDMA, and links: all nodes meet at the device, whose bandwidth they share, and none is limited by its own link.',
  ],
  unread: unreadByCluster,
  stage(models) {
    const costs = new CostsOfChildren(models);
    return {
      refusal: (trial) => clusterRefusal(trial, models),
      run: (trial, policy) => runCluster(trial, policy, costs),
    };
  },
};
