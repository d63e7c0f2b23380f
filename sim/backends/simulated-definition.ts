/** What is known of the simulator before it runs. */

import type { BackendDefinition } from '../backend.ts';
import { scenarioOf } from '../scenarios/registry.ts';

export const simulated: BackendDefinition = {
  description: 'discrete-event simulation, page by page or by the costs of a child',
  origin: 'simulated by the model',
  runs: 'the model',
  clock: 'computed',
  unread: (path, trial) => scenarioOf(trial).unread(path, trial),
};
