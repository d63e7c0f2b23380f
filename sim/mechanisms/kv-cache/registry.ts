/** All mechanisms of engines by name: the one place that lists them. */

import type { CacheMechanism } from '../../mechanism.ts';
import forkKv from './fork-kv.ts';
import kvPool from './kv-pool.ts';
import peerCache from './peer-cache.ts';
import prefixCache from './prefix-cache.ts';
import recompute from './recompute.ts';
import thaw from './thaw.ts';
import tieredCache from './tiered-cache.ts';

export const cacheMechanisms: Readonly<Record<string, CacheMechanism>> = Object.fromEntries(
  [recompute, prefixCache, tieredCache, peerCache, kvPool, forkKv, thaw].map(
    (mechanism: CacheMechanism) => [mechanism.name, mechanism],
  ),
);
