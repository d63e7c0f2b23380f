/**
 * Steps of a model on GPUs that nobody measured: whichever takes longer, to multiply or to read, in each part of the step.
 *
 *     matrices     max( 2 · tokens · weights / FLOP/s,  bytes of weights / bandwidth )
 *     attention    max( 4 · width of heads · layers · pairs / FLOP/s,  bytes of KV read / bandwidth )
 *
 * Data sheets tell peaks, and no kernel reaches them: `efficiency` says how far they get.
 */

import type { Gpu } from '../../workload/llm/gpu.ts';
import {
  kvBytesPerToken,
  type LanguageModel,
  multipliedWeights,
} from '../../workload/llm/language-model.ts';
import { promptTokens, type StepCost } from './step.ts';

export interface Efficiency {
  readonly compute: number;
  readonly memory: number;
  /** Of a step beside its kernels. */
  readonly step_ns: number;
}

/** Each of `gpu_count` GPUs holds and multiplies its part; how they exchange sums is not modelled. */
export function rooflineCost(
  model: LanguageModel,
  gpu: Gpu,
  gpu_count: number,
  efficiency: Efficiency,
): StepCost {
  const weights = multipliedWeights(model);
  const kv_bytes = kvBytesPerToken(model);
  // 10^12 a second are 10^3 a ns.
  const flops_per_ns = gpu.tflops * 1e3 * gpu_count * efficiency.compute;
  const bytes_per_ns = gpu.memory_gb_per_s * gpu_count * efficiency.memory;
  const weights_ns = (weights * model.element_bytes) / bytes_per_ns;
  const pair_flops = 4 * model.heads * model.head_width * model.layers;
  return {
    kind: 'roofline',
    step_ns(step) {
      const { prompt_tokens, prompt_contexts, decodes, context_sum } = step;
      const tokens = promptTokens(step) + decodes;
      let pairs = context_sum;
      let read_tokens = context_sum;
      for (let i = 0; i < prompt_tokens.length; i += 1) {
        const own = prompt_tokens[i]!;
        pairs += own * (prompt_contexts[i]! + own / 2);
        read_tokens += prompt_contexts[i]! + own;
      }
      const matrices_ns = Math.max((2 * tokens * weights) / flops_per_ns, weights_ns);
      const attention_ns = Math.max(
        (pair_flops * pairs) / flops_per_ns,
        (kv_bytes * read_tokens) / bytes_per_ns,
      );
      return Math.round(matrices_ns + attention_ns + efficiency.step_ns);
    },
  };
}
