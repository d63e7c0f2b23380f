/**
 * Scenario `kv-cache`: requests of a language model go to engines on hosts, each with its GPU memory.
 *
 *     requests ─┬─► host 0: waiting ─► steps on its GPUs, blocks in their memory ─┐
 *               ├─► host 1: …                                                     ├─► what hosts share
 *               └─► …                                                            ─┘
 */

import type { Measured, Trial } from '../../backend.ts';
import { Simulation } from '../../engine/simulation.ts';
import { Arrivals } from './arrivals.ts';
import { type Asked, askedOf } from './asked.ts';
import { Engine } from './engine.ts';
import { HashedMemory } from './hashed-memory.ts';
import type { KvMemory } from './kv-memory.ts';
import { measuredCost } from './measured-cost.ts';
import { outcomeOf } from './outcome.ts';
import { RadixMemory } from './radix-memory.ts';
import { rooflineCost } from './roofline-cost.ts';
import { Scheduler } from './scheduler.ts';
import type { StepCost } from './step.ts';
import { requestsOf } from './workload-requests.ts';

export function runEngines(trial: Trial): Measured {
  const asked = askedOf(trial);
  const requests = requestsOf(asked, trial);
  const simulation = new Simulation();
  const cost = stepCost(asked);
  const { hosts, most_sequences, step_tokens, reserve_prompt, steps_ahead } = asked.engine;
  const limits = { most_sequences, step_tokens, reserve_prompt };
  const memories = Array.from({ length: hosts }, () => memoryOf(asked));
  const arrivals = new Arrivals(simulation, requests, (sequence) => {
    engines[sequence.index % hosts]!.submit(sequence);
  });
  const engines = memories.map(
    (memory) =>
      new Engine(simulation, new Scheduler(memory, limits), cost, steps_ahead, (sequence) => {
        if (arrivals.ended(sequence)) for (const engine of engines) engine.close();
      }),
  );
  for (const [host, engine] of engines.entries()) simulation.start(engine.run(), 0, `host ${host}`);
  simulation.start(arrivals.run(), 0, 'arrivals');
  simulation.run();
  const waiting = arrivals.sequences.find(({ is_done }) => !is_done);
  if (waiting !== undefined) throw new Error(`audit: request ${waiting.index} has no end`);
  for (const memory of memories) memory.audit();
  return { measurements: outcomeOf(asked, requests, arrivals.sequences, engines) };
}

function memoryOf({ mechanism, settings, engine, kv_blocks }: Asked): KvMemory {
  if (settings['index'] === 'radix') return new RadixMemory(kv_blocks, engine.block_tokens);
  return new HashedMemory(kv_blocks, engine.block_tokens, mechanism.kept !== 'nowhere');
}

/** Measured layers are of one GPU with its model. */
export function stepCost({ workload: { profile }, engine, model, gpu }: Asked): StepCost {
  const is_measured =
    engine.step_cost === 'measured' &&
    profile?.gpu === engine.gpu &&
    profile.model === engine.model &&
    engine.gpu_count === 1;
  if (is_measured) return measuredCost(profile, model.layers);
  return rooflineCost(model, gpu, engine.gpu_count, {
    compute: engine.compute_efficiency,
    memory: engine.memory_efficiency,
    step_ns: engine.step_overhead_us * 1000,
  });
}
