/** What is known of the simulator before it runs. */

import type { BackendDefinition } from '../backend.ts';
import { unreadByFork } from '../scenarios/fork/unread.ts';

export const simulated: BackendDefinition = {
  description: 'discrete-event simulation of one parent, its checkpoint and its children',
  origin: 'simulated by the model',
  runs: 'the model',
  clock: 'computed',
  unread: unreadByFork,
};
