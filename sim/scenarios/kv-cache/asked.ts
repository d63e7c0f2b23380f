/** What a trial asks of engines: its parameters over those of its workload over defaults. */

import type { Trial } from '../../backend.ts';
import type { CacheMechanism } from '../../mechanism.ts';
import { cacheMechanisms } from '../../mechanisms/kv-cache/registry.ts';
import { type Values, valuesOf } from '../../parameters.ts';
import type { Gpu } from '../../workload/llm/gpu.ts';
import { gpus } from '../../workload/llm/gpus.ts';
import {
  kvBytesPerToken,
  type LanguageModel,
  weightBytes,
} from '../../workload/llm/language-model.ts';
import type { LlmWorkload } from '../../workload/llm/llm-workload.ts';
import { languageModels } from '../../workload/llm/models.ts';
import { engineParameters } from './engine-parameters.ts';

export interface Asked {
  readonly workload: LlmWorkload;
  readonly mechanism: CacheMechanism;
  readonly engine: Values<typeof engineParameters>;
  /** Of the mechanism. */
  readonly settings: Readonly<Record<string, number | boolean | string>>;
  readonly model: LanguageModel;
  readonly gpu: Gpu;
  readonly block_bytes: number;
  /** Of all GPUs of an engine together. */
  readonly kv_blocks: number;
}

/** Experiments are checked when they are loaded: this workload and this mechanism are of engines. */
export function askedOf(trial: Trial): Asked {
  const workload = trial.workload as LlmWorkload;
  const mechanism = cacheMechanisms[trial.mechanism]!;
  const over = (plugin: string) => ({ ...workload.settings[plugin], ...trial.parameters[plugin] });
  const engine = valuesOf(engineParameters, over('engine'));
  const model = languageModels[engine.model]!;
  const gpu = gpus[engine.gpu]!;
  const block_bytes = engine.block_tokens * kvBytesPerToken(model);
  const room_bytes = gpu.memory_bytes * engine.gpu_count * engine.memory_share - weightBytes(model);
  return {
    workload,
    mechanism,
    engine,
    settings: valuesOf(mechanism.parameters, over(mechanism.name)),
    model,
    gpu,
    block_bytes,
    kv_blocks: engine.kv_blocks || Math.max(0, Math.floor(room_bytes / block_bytes)),
  };
}
