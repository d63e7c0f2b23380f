/** Trials of engines in which each setting of theirs matters in one at least. */

import type { ParameterSettings, Trial } from '../../../sim/backend.ts';
import type { LayerProfile } from '../../../sim/workload/llm/layer-profile.ts';
import { policyReferences } from '../../arbitraries.ts';
import { kvTrial } from './played.ts';

const agents = {
  sessions: 2,
  interval_ms: 20,
  trunk_tokens: 900,
  branches: 4,
  branch_tokens: 30,
  output_tokens: 20,
  turns: 3,
  tool_ms: 5,
  rollback_share: 0.3,
};

const at = Float64Array.from([1, 4096]);
const profile: LayerProfile = {
  gpu: 'h100',
  model: 'llama-3.1-8b',
  source: 'a test',
  layer: { at, time_us: Float64Array.from([100, 4000]) },
  ends: { at, time_us: Float64Array.from([5, 10]) },
  per_sequence: { at, time_us: Float64Array.from([500, 900]) },
  attention: {
    axes: [0, 1, 2, 3].map(() => Float64Array.from([0, 4096])),
    time_us: Float64Array.from({ length: 16 }, (_, i) => 50 * i),
  },
};

function agentTrial(
  mechanism: string,
  parameters: ParameterSettings,
  changes: Partial<Trial> = {},
) {
  const told = kvTrial([], { mechanism, ...changes });
  return {
    ...told,
    workload: { ...told.workload, requests: 'agents', profile } as never,
    parameters: { ...parameters, agents: { ...agents, ...parameters['agents'] } },
  };
}

const told = kvTrial([{ arrival_ns: 0, input_tokens: 300, output_tokens: 4 }]);
const rated: Trial = {
  ...told,
  workload: {
    ...told.workload,
    requests: {
      steps: [
        { from_s: 0, to_s: 2, per_s: 30 },
        { from_s: 2, to_s: 4, per_s: 5 },
      ],
      lengths: (told.workload as { requests: unknown }).requests,
    },
  } as never,
};

const little = { engine: { kv_blocks: 150, hosts: 2 } };

export const engineTrials: readonly Trial[] = [
  agentTrial('recompute', {}),
  agentTrial('recompute', { engine: { kv_blocks: 150 } }),
  agentTrial('recompute', { agents: { expansions: 4 } }),
  agentTrial('recompute', { engine: { step_cost: 'roofline' } }),
  agentTrial('prefix-cache', { ...little, agents: { adapter_rank: 8 } }),
  agentTrial('prefix-cache', little),
  agentTrial('tiered-cache', little),
  agentTrial('tiered-cache', {
    ...little,
    'tiered-cache': { host_memory_mb: 16, cxl_memory_mb: 32, nvme_mb: 1000 },
  }),
  agentTrial('peer-cache', little),
  ...policyReferences.map((policy) => agentTrial('kv-pool', little, { policy })),
  agentTrial('fork-kv', { ...little, agents: { adapter_rank: 8 } }),
  rated,
  agentTrial('thaw', {}),
  agentTrial('thaw', { thaw: { gathered: false } }),
];
