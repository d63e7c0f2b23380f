/** What experiments may set of engines. */

import type { Parameters } from '../../parameters.ts';
import { gpus } from '../../workload/llm/gpus.ts';
import { languageModels } from '../../workload/llm/models.ts';

const vllm = 'default of vLLM 0.19 to 0.28';

export const engineParameters = {
  model: {
    default: 'llama-3.1-8b',
    unit: 'choice',
    description: 'the language model',
    source: 'a choice: the one whose layers were measured (LLMServingSim)',
    choices: Object.keys(languageModels),
  },
  gpu: {
    default: 'h100',
    unit: 'choice',
    description: 'the GPU of each engine',
    source: 'a choice: that of most published numbers (Mooncake, thaw)',
    choices: Object.keys(gpus),
  },
  gpu_count: {
    default: 1,
    unit: 'count',
    description: 'GPUs that share the model (tensor parallelism); what they exchange takes no time',
    source: 'a choice: one, the usual for 8 billion parameters',
    minimum: 1,
    maximum: 16,
  },
  hosts: {
    default: 1,
    unit: 'count',
    description: 'hosts with an engine each; requests go to them in turn',
    source: 'a choice: one engine',
    minimum: 1,
    maximum: 64,
  },
  memory_share: {
    default: 0.9,
    unit: 'share',
    description: 'share of GPU memory for weights and KV blocks',
    source: `gpu_memory_utilization, ${vllm}`,
    minimum: 0.01,
    maximum: 1,
  },
  kv_blocks: {
    default: 0,
    unit: 'count',
    description: 'KV blocks of a GPU; 0: as many as its memory has room for beside the weights',
    source: 'what vLLM measures when it starts is not known in general',
    minimum: 0,
    maximum: 2 ** 24,
  },
  block_tokens: {
    default: 16,
    unit: 'count',
    description: 'tokens of a block',
    source: `block_size, ${vllm}`,
    minimum: 1,
    maximum: 1024,
  },
  context_tokens: {
    default: 0,
    unit: 'count',
    description: 'the longest sequence; 0: as long as the model was trained for',
    source: 'max_model_len, default of vLLM',
    minimum: 0,
    maximum: 2 ** 24,
  },
  most_sequences: {
    default: 256,
    unit: 'count',
    description: 'sequences that an engine runs at a time',
    source: `max_num_seqs, ${vllm}`,
    minimum: 1,
    maximum: 65_536,
  },
  step_tokens: {
    default: 2048,
    unit: 'count',
    description: 'tokens of a step: longer prompts are computed in pieces',
    source: `max_num_batched_tokens with chunked prefill, ${vllm}`,
    minimum: 1,
    maximum: 1_048_576,
  },
  reserve_prompt: {
    default: true,
    unit: 'flag',
    description:
      'a prompt begins only where memory has room for all of it, not for its first piece',
    source: `scheduler_reserve_full_isl, ${vllm}`,
  },
  steps_ahead: {
    default: 2,
    unit: 'count',
    description: 'steps under way: with 2, the next is scheduled while one runs',
    source: `async_scheduling, ${vllm}`,
    minimum: 1,
    maximum: 2,
  },
  step_cost: {
    default: 'measured',
    unit: 'choice',
    description:
      'steps from the measured layers of the workload where it has them for this GPU and model, or from the roofline of the data sheet in any case',
    source: 'a choice: measured where something was',
    choices: ['measured', 'roofline'],
  },
  compute_efficiency: {
    default: 0.75,
    unit: 'share',
    description: 'share of its peak that a GPU multiplies at; of the roofline',
    source:
      'of the two GPUs whose layers were measured, 2,048 tokens a step: 0.74 (RTX PRO 6000) and 0.96 (RTX 4090) of the peaks in their files; the lower, rounded',
    minimum: 0.01,
    maximum: 1,
  },
  memory_efficiency: {
    default: 0.92,
    unit: 'share',
    description: 'share of its peak that a GPU reads memory at; of the roofline',
    source: 'of the two GPUs whose layers were measured, one token a step: 0.92 and 0.93',
    minimum: 0.01,
    maximum: 1,
  },
  step_overhead_us: {
    default: 0,
    unit: 'us',
    description: 'time of a step beside its kernels, which the host does not hide',
    source: 'inferred: nothing is left where the next step is scheduled meanwhile',
    minimum: 0,
    maximum: 1e6,
  },
  ttft_objective_ms: {
    default: 10_000,
    unit: 'ms',
    description: 'goodput counts requests whose first token came within this time',
    source: 'Mooncake (FAST 2025), TTFT objective of its conversation trace: 30 s; a third of it',
    minimum: 0,
    maximum: 1e9,
  },
  tpot_objective_ms: {
    default: 100,
    unit: 'ms',
    description: '… and whose other tokens came at most so far apart, on average',
    source: 'Mooncake (FAST 2025), TBT objective: 0.1 s',
    minimum: 0,
    maximum: 1e9,
  },
} as const satisfies Parameters;
