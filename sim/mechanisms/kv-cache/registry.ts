/** All mechanisms of engines by name: the one place that lists them. */

import type { CacheMechanism } from '../../mechanism.ts';
import prefixCache from './prefix-cache.ts';
import recompute from './recompute.ts';

export const cacheMechanisms: Readonly<Record<string, CacheMechanism>> = Object.fromEntries(
  [recompute, prefixCache].map((mechanism: CacheMechanism) => [mechanism.name, mechanism]),
);
