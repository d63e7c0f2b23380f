/** The requests of a trial: a trace's, or those that agents make. */

import type { Trial } from '../../backend.ts';
import { valuesOf } from '../../parameters.ts';
import type { Requests } from '../../workload/llm/requests.ts';
import { agentParameters } from './agent-parameters.ts';
import { type AgentSettings, requestsOfAgents } from './agents.ts';
import type { Asked } from './asked.ts';

export function agentSettings({ workload }: Asked, { parameters }: Trial): AgentSettings {
  return valuesOf(agentParameters, { ...workload.settings['agents'], ...parameters['agents'] });
}

export function requestsOf(asked: Asked, trial: Trial): Requests {
  const { requests } = asked.workload;
  if (requests !== 'agents') return requests;
  return requestsOfAgents(agentSettings(asked, trial), {
    seed: trial.seed,
    block_tokens: asked.engine.block_tokens,
    shares_base: asked.mechanism.kept === 'base-and-residual',
  });
}
