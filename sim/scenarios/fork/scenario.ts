/** What is known of scenario `fork`. */

import type { Scenario } from '../scenario.ts';
import { forkRefusal, runFork } from './fork.ts';
import { unreadByFork } from './unread.ts';

export const fork: Scenario = {
  description: 'one parent, its checkpoint and its children, page by page',
  serves: 'processes',
  on_kernels: true,
  unmodelled: [],
  unread: unreadByFork,
  stage: (models) => ({
    refusal: forkRefusal,
    run: (trial, policy) => runFork(trial, policy, models),
  }),
};
