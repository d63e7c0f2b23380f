/** The requests of a trial: a trace's, or those that agents make, or those that come at a service's rates. */

import type { Trial } from '../../backend.ts';
import { valuesOf } from '../../parameters.ts';
import { requestsAtRates } from '../../workload/llm/rated-requests.ts';
import type { Requests } from '../../workload/llm/requests.ts';
import { agentParameters } from './agent-parameters.ts';
import { type AgentSettings, requestsOfAgents } from './agents.ts';
import type { Asked } from './asked.ts';
import { type RateSettings, rateParameters } from './rate-parameters.ts';

export function agentSettings({ workload }: Asked, { parameters }: Trial): AgentSettings {
  return valuesOf(agentParameters, { ...workload.settings['agents'], ...parameters['agents'] });
}

export function rateSettings({ workload }: Asked, { parameters }: Trial): RateSettings {
  return valuesOf(rateParameters, { ...workload.settings['rates'], ...parameters['rates'] });
}

export function requestsOf(asked: Asked, trial: Trial): Requests {
  const { requests } = asked.workload;
  if (requests === 'agents') {
    return requestsOfAgents(agentSettings(asked, trial), {
      seed: trial.seed,
      block_tokens: asked.engine.block_tokens,
      shares_base: asked.mechanism.kept === 'base-and-residual',
    });
  }
  if ('steps' in requests) {
    return requestsAtRates(requests, { ...rateSettings(asked, trial), seed: trial.seed });
  }
  return requests;
}
