/**
 * From which bandwidth on fetching a prefix takes less than computing it, by Mooncake's equation 2:
 *
 *     B / G > 2 · d · s / (gqa · (a · p · d + b · d²)),   a = 4, b = 22
 *
 * with the width d, the bytes s of an element, heads that share keys and values gqa, the prefix p, and G the products that the
 * GPUs make at their peak.
 */

import type { Gpu } from '../../workload/llm/gpu.ts';
import type { LanguageModel } from '../../workload/llm/language-model.ts';

const of_attention = 4;
const of_matrices = 22;

export function breakEven_gb_per_s(
  { width, heads, kv_heads, element_bytes }: LanguageModel,
  { tflops }: Gpu,
  gpu_count: number,
  prefix_tokens: number,
): number {
  const flops_per_token = of_attention * prefix_tokens * width + of_matrices * width * width;
  const bytes_per_flop = (2 * width * element_bytes) / ((heads / kv_heads) * flops_per_token);
  // 10^12 operations a second, over 10^9 bytes a second.
  return bytes_per_flop * tflops * gpu_count * 1e3;
}
