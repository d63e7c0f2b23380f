/** Every way of making a child, whatever it is simulated by: pages or stages. */

import type { MechanismFacts } from '../mechanism.ts';
import { mechanisms } from './registry.ts';
import { stagedMechanisms } from './staged/registry.ts';

export const allMechanisms: Readonly<Record<string, MechanismFacts>> = {
  ...mechanisms,
  ...stagedMechanisms,
};
