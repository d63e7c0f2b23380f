/**
 * A fabric made of what was measured on a machine, and of a preset for what was not; every value of the
 * latter stands under `assumed`.
 */

import type { FabricFile } from './fabric-file.ts';

export interface Measured {
  readonly fabric: FabricFile;
  /** What was chosen, for the user to judge. */
  readonly choices: readonly string[];
}
