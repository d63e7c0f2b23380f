/** Cold start: the function is initialised from nothing on the child's node; the bound to beat. */

import { defineMechanism } from '../mechanism.ts';
import { residentProcess } from '../memory/parent.ts';
import { parentItself } from './parent-itself.ts';

export default defineMechanism({
  name: 'cold-start',
  description: 'starts the function from nothing: its initialisation stands as restore',
  source: "CXLfork section 6 (vanilla cold start); the initialisation time is the workload's input",
  unmodelled: ['creating a container (about 130 ms, CXLfork figure 6) and the scheduler'],
  parameters: {},
  restores_by_initialising: true,
  policies: 'none',
  policy_reason: 'all its memory is new and local',
  needs_new_container: true,
  reach: 'any-node',
  colour: '#FFFFFF',
  inapplicable: [
    'checkpoint_ms',
    'cxl_memory_mb',
    'leaves_attached',
    'leaves_built',
    'leaves_unshared',
  ],
  // biome-ignore lint/correctness/useYield: nothing is checkpointed, so no time passes
  *checkpoint({ space, initialisation_ns }) {
    return parentItself(space, function* restore(node) {
      yield initialisation_ns;
      return residentProcess(space.machine, node, space.layout);
    });
  },
});
