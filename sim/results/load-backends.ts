/** The backends that trials run on: the program's own, or those of another module. */

import { type Openers, openers } from '../backends/open-backends.ts';
import { backendsWhich } from '../backends/registry.ts';

export interface BackendsModule {
  readonly backends: Openers;
  /** Backends that own machines. */
  readonly one_at_a_time?: readonly string[];
}

/** `url` is another module's. */
export async function loadBackends(url: string | undefined): Promise<BackendsModule> {
  if (url !== undefined) return import(url);
  return { backends: openers, one_at_a_time: backendsWhich((each) => each.owns_machines) };
}
