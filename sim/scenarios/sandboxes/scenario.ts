/** What is known of scenario `sandboxes`. */

import { stagedMechanisms } from '../../mechanisms/staged/registry.ts';
import { CostsOfChildren } from '../cluster/child-costs.ts';
import type { Scenario } from '../scenario.ts';
import { stagedRefusal } from './asked.ts';
import { pagedRefusal, runPaged } from './run-paged.ts';
import { runStaged } from './run-staged.ts';
import { unreadBySandboxes } from './unread.ts';

export const sandboxes: Scenario = {
  description: 'many sandboxes, microVMs or processes on one host, by the stages of their start',
  told: 'sandboxes on one host by the stages of their start',
  serves: 'processes',
  on_kernels: false,
  unmodelled: [
    'Stages: how long each takes alone is published, not simulated; what is simulated is that others hold cores, locks and the disk.',
    'Windows: systems are held against one another in the window that is asked for, and one without a time there is left out.',
    'Shells of mechanisms told by their pages: no container, network or call is around their children.',
  ],
  unread: unreadBySandboxes,
  stage(models) {
    const costs = new CostsOfChildren(models);
    const isStaged = (name: string) => stagedMechanisms[name] !== undefined;
    return {
      refusal: (trial) =>
        isStaged(trial.mechanism) ? stagedRefusal(trial) : pagedRefusal(trial, models),
      run: (trial, policy) =>
        isStaged(trial.mechanism) ? runStaged(trial) : runPaged(trial, policy, costs),
    };
  },
};
