/** All mechanisms that an experiment may name: of processes told by pages, of sandboxes told by stages, of engines. */

import type { MechanismFacts } from '../mechanism.ts';
import { cacheMechanisms } from './kv-cache/registry.ts';
import { mechanisms } from './registry.ts';
import { stagedMechanisms } from './staged/registry.ts';

export const allMechanisms: Readonly<Record<string, MechanismFacts>> = {
  ...mechanisms,
  ...stagedMechanisms,
  ...cacheMechanisms,
};
