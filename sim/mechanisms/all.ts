/** All mechanisms that an experiment may name, of processes and of engines. */

import type { MechanismFacts } from '../mechanism.ts';
import { cacheMechanisms } from './kv-cache/registry.ts';
import { mechanisms } from './registry.ts';

export const allMechanisms: Readonly<Record<string, MechanismFacts>> = {
  ...mechanisms,
  ...cacheMechanisms,
};
