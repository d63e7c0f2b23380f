/** What starts from nothing has in common, whatever isolates it. */

import type { Properties } from '../../properties.ts';

export const startedAnew = {
  capture: 'none',
  transport: 'none',
  materialisation: 'built anew',
  needs_parent: 'nothing',
  other_hosts: 'yes',
  inherits: 'nothing',
  writable_root: 'own',
  uniqueness: 'new',
  poisoned_parent: 'no parent',
} as const satisfies Partial<Properties>;
