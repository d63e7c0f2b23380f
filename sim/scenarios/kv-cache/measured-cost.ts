/**
 * Steps from measured layers: before the layers, the layers with their attention, the logits.
 *
 *     step = ends(tokens) + layers · (layer(tokens) + attention(prompts, decodes)) + per_sequence(sequences)
 *
 * Between measured points it is linear, in attention along all four axes.
 */

import type { Curve, LayerProfile } from '../../workload/llm/layer-profile.ts';
import { equivalentContext, promptTokens, type StepCost } from './step.ts';

/** Short batches are run as the next larger one that a graph was captured for: 1, 2, 4, and every 8 (cudagraph_capture_sizes of vLLM). */
const most_captured = 256;
const captured_apart = 8;

function captured(tokens: number): number {
  if (tokens > most_captured || tokens <= 2) return tokens;
  return tokens <= 4 ? 4 : Math.ceil(tokens / captured_apart) * captured_apart;
}

const ns_per_us = 1000;

export function measuredCost(profile: LayerProfile, layers: number): StepCost {
  const attention = attentionOf(profile);
  const longest_share = profile.longest_context_share ?? 0;
  return {
    kind: 'measured',
    step_ns(step) {
      const of_prompts = promptTokens(step);
      const tokens = captured(of_prompts + step.decodes);
      const before = equivalentContext(step, of_prompts);
      const { decodes, context_sum, longest_context, sequences } = step;
      let attention_us = attention(of_prompts, before, decodes, context_sum / decodes || 0);
      if (longest_share > 0 && decodes > 0) {
        const longest_us = attention(of_prompts, before, decodes, longest_context);
        attention_us += longest_share * (longest_us - attention_us);
      }
      const time_us =
        on(profile.ends, tokens) +
        layers * (on(profile.layer, tokens) + attention_us) +
        on(profile.per_sequence, sequences);
      return Math.round(time_us * ns_per_us);
    },
  };
}

/** The last axis value at or below, and at most the last but one: beyond the end, its slope goes on. */
function below(axis: Float64Array, value: number): number {
  let low = 0;
  let high = axis.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (axis[middle]! <= value) low = middle;
    else high = middle;
  }
  return low;
}

function on({ at, time_us }: Curve, value: number): number {
  const from = below(at, value);
  const share = (Math.max(value, at[0]!) - at[from]!) / (at[from + 1]! - at[from]!);
  return time_us[from]! + share * (time_us[from + 1]! - time_us[from]!);
}

type Attention = (prompts: number, before: number, decodes: number, context: number) => number;

function attentionOf({ attention: { axes, time_us } }: LayerProfile): Attention {
  const strides = axes.map((_, axis) =>
    axes.slice(axis + 1).reduce((product, { length }) => product * length, 1),
  );
  const from = [0, 0, 0, 0];
  const share = [0, 0, 0, 0];
  const find = (axis: number, value: number) => {
    const values = axes[axis]!;
    const low = below(values, value);
    from[axis] = low * strides[axis]!;
    share[axis] = (value - values[low]!) / (values[low + 1]! - values[low]!);
  };
  const along = (axis: number, offset: number): number => {
    if (axis === axes.length) return time_us[offset]!;
    const low = along(axis + 1, offset + from[axis]!);
    if (share[axis] === 0) return low;
    const high = along(axis + 1, offset + from[axis]! + strides[axis]!);
    return low + share[axis]! * (high - low);
  };
  return (prompts, before, decodes, context) => {
    find(0, prompts);
    find(1, prompts === 0 ? 0 : before);
    find(2, decodes);
    find(3, decodes === 0 ? 0 : context);
    return along(0, 0);
  };
}
