/** Trials of engines for tests: requests as a test tells them. */

import type { Trial } from '../../../sim/backend.ts';
import { presetFabric } from '../../../sim/experiment/find-fabric.ts';
import type { Measurements } from '../../../sim/metrics.ts';
import { runEngines } from '../../../sim/scenarios/kv-cache/run-engines.ts';
import { type OneRequest, requestsOf } from '../../../sim/workload/llm/requests.ts';
import { trialOf } from '../../arbitraries.ts';

const fabric = presetFabric('cxlfork-testbed');

export function kvTrial(
  all: readonly OneRequest[],
  { identity_tokens = 16, ...changes }: Partial<Trial> & { identity_tokens?: number } = {},
): Trial {
  return trialOf({
    scenario: 'kv-cache',
    mechanism: 'prefix-cache',
    policy: undefined,
    fabric,
    workload: {
      kind: 'llm',
      name: 'told',
      description: 'requests of a test',
      source: 'the test',
      requests: requestsOf(all, identity_tokens),
      settings: {},
    },
    ...changes,
  });
}

export function played(...given: Parameters<typeof kvTrial>): Measurements {
  return runEngines(kvTrial(...given)).measurements;
}
