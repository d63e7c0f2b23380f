/** The backends that trials run on: the program's own, or those of another module. */

import type { Backends } from './trial-runner.ts';

export interface BackendsModule {
  readonly backends: Backends;
  /** Backends that own machines. */
  readonly one_at_a_time?: readonly string[];
}

/** `url` is another module's. */
export async function loadBackends(url: string | undefined): Promise<BackendsModule> {
  return url === undefined ? import('../backends/registry.ts') : import(url);
}
