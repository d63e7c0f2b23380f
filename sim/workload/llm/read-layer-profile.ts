/** Layer times as LLMServingSim's profiler writes them: a table for each of three kinds of layer. */

import type { TextLines } from '../../input/text-lines.ts';
import { Table } from '../arrivals/table.ts';
import type { Curve, LayerProfile } from './layer-profile.ts';

/** Layers of one block of the model, each once but the norm, which stands before both halves. */
const of_a_block: Readonly<Record<string, number>> = {
  layernorm: 2,
  qkv_proj: 1,
  rotary_emb: 1,
  o_proj: 1,
  gate_up_proj: 1,
  act_fn: 1,
  down_proj: 1,
};
const of_ends: Readonly<Record<string, number>> = { embedding: 1, final_layernorm: 1 };
const of_sequences: Readonly<Record<string, number>> = { lm_head: 1, sampler: 1 };

const most_tokens = 2 ** 24;
const longest_us = 1e9;
const attention_axes = ['prefill_chunk', 'kv_prefill', 'n_decode', 'kv_decode'];

export interface ProfileTables {
  readonly dense: TextLines;
  readonly per_sequence: TextLines;
  readonly attention: TextLines;
}

export function readLayerProfile(
  { dense, per_sequence, attention }: ProfileTables,
  about: Pick<LayerProfile, 'gpu' | 'model' | 'source' | 'longest_context_share'>,
): LayerProfile {
  const layers = layerTimes(dense, 'tokens');
  return {
    ...about,
    layer: sumOf(layers, of_a_block, dense),
    ends: sumOf(layers, of_ends, dense),
    per_sequence: sumOf(layerTimes(per_sequence, 'sequences'), of_sequences, per_sequence),
    attention: attentionTimes(attention),
  };
}

type Times = ReadonlyMap<string, ReadonlyMap<number, number>>;

function layerTimes(lines: TextLines, by: string): Times {
  const table = new Table(lines, ['layer', by, 'time_us']);
  const times = new Map<string, Map<number, number>>();
  while (table.next()) {
    const layer = table.text('layer');
    const of_layer = times.get(layer) ?? new Map<number, number>();
    const at = table.number(by, 0, most_tokens);
    if (of_layer.has(at)) lines.fail(1, `${layer} at ${at} ${by} stands twice`, 'expected it once');
    of_layer.set(at, table.number('time_us', 0, longest_us));
    times.set(layer, of_layer);
  }
  return times;
}

/** The layers together, at what the first of them was measured at. */
function sumOf(times: Times, counts: Readonly<Record<string, number>>, lines: TextLines): Curve {
  const names = Object.keys(counts);
  const absent = names.find((name) => !times.has(name));
  if (absent !== undefined) lines.fail(1, `no layer ${absent}`, `expected ${names.join(', ')}`);
  const at = [...times.get(names[0]!)!.keys()].sort((a, b) => a - b);
  if (at.length < 2) lines.fail(1, `${names[0]} at one value`, 'expected two or more');
  const time_us = at.map((value) =>
    names.reduce((sum, name) => {
      const own = times.get(name)!.get(value);
      if (own === undefined)
        lines.fail(1, `no time of ${name} at ${value}`, `expected all that ${names[0]} has`);
      return sum + counts[name]! * own!;
    }, 0),
  );
  return { at: Float64Array.from(at), time_us: Float64Array.from(time_us) };
}

/** Where nothing decodes, or no prompt is read, one value stands for all of the axes that then say nothing. */
function attentionTimes(lines: TextLines): LayerProfile['attention'] {
  const table = new Table(lines, [...attention_axes, 'time_us']);
  const values = attention_axes.map(() => new Set<number>([0]));
  const times = new Map<string, number>([['0,0,0,0', 0]]);
  while (table.next()) {
    const at = attention_axes.map((axis, i) => {
      const value = table.number(axis, 0, most_tokens);
      values[i]!.add(value);
      return value;
    });
    if (times.has(at.join()) && at.some((value) => value > 0))
      lines.fail(1, 'this row stands above, too', 'expected each combination of values once');
    times.set(at.join(), table.number('time_us', 0, longest_us));
  }
  const axes = values.map((each) => Float64Array.from([...each].sort((a, b) => a - b)));
  const [prompts, before, decodes, contexts] = axes as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const time_us: number[] = [];
  const most_mixed = Math.max(
    ...[...decodes].filter((n) => times.has(`${prompts[1]},0,${n},${contexts[1]}`)),
  );
  for (const chunk of prompts) {
    for (const context of before) {
      for (const count of decodes) {
        for (const length of contexts) {
          const [k, n, d] = [
            chunk === 0 ? 0 : context,
            length === 0 ? 0 : count,
            count === 0 ? 0 : length,
          ];
          const measured = times.get([chunk, k, n, d].join());
          // With prompts, fewer sequences were measured than without: beyond them, it grows as it does without.
          const nearest = times.get([chunk, k, most_mixed, d].join());
          const more =
            (times.get([0, 0, n, d].join()) ?? 0) - (times.get([0, 0, most_mixed, d].join()) ?? 0);
          const value = measured ?? (nearest === undefined ? undefined : nearest + more);
          if (value === undefined) {
            const at = attention_axes.map((axis, i) => `${axis} ${[chunk, k, n, d][i]}`).join(', ');
            lines.fail(1, `no time at ${at}`, 'expected all combinations of the values');
          }
          time_us.push(value!);
        }
      }
    }
  }
  return { axes, time_us: Float64Array.from(time_us) };
}
