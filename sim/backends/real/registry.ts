/** All mechanisms that are carried out on real kernels, by name; what is missing here they cannot do. */

import { coldStart } from './cold-start.ts';
import { criu } from './criu.ts';
import { cxlfork } from './cxlfork.ts';
import { localFork } from './local-fork.ts';
import { mitosis } from './mitosis.ts';
import type { RealMechanism } from './real-mechanism.ts';

export const realMechanisms: Readonly<Record<string, RealMechanism>> = {
  cxlfork,
  mitosis,
  'local-fork': localFork,
  criu,
  'cold-start': coldStart,
};
