/**
 * What apps of IBM's Cloud Code Engine ask for. The file tells of no request, so only a population comes of it: who they
 * are, their memory, and how many instances each keeps without any.
 */

import type { TextLines } from '../../../input/text-lines.ts';
import { ibmAppConfigurations } from '../../../workload/arrivals/ibm-app-configs.ts';
import type { FunctionFacts } from './function-facts.ts';

const mb_per_gb = 1000 ** 3 / 2 ** 20;

/** One for each app, of which only the first row counts; each is asked for as often as any other. */
export function readIbm(lines: TextLines): FunctionFacts[] {
  const apps = new Map<string, FunctionFacts>();
  for (const { namespace, app, memory_gb, min_scale } of ibmAppConfigurations(lines)) {
    const name = `${namespace}/${app}`;
    if (apps.has(name)) continue;
    apps.set(name, {
      name,
      invocations: 1,
      ...(memory_gb !== undefined && { memory_mb: memory_gb * mb_per_gb }),
      ...(min_scale !== undefined && { min_scale }),
    });
  }
  return [...apps.values()];
}
