/**
 * Scenario `kv-cache`: requests of a language model go to engines on hosts, each with its GPU memory.
 *
 *     requests ─┬─► host 0: waiting ─► steps on its GPUs, blocks in their memory ─┐
 *               ├─► host 1: …                                                     ├─► what hosts share
 *               └─► …                                                            ─┘
 */

import type { Measured, Trial } from '../../backend.ts';
import { Simulation } from '../../engine/simulation.ts';
import type { PolicyHost } from '../fork/policy-host.ts';
import { Arrivals } from './arrivals.ts';
import { type Asked, askedOf } from './asked.ts';
import { distributionsOf } from './distributions.ts';
import { Engine } from './engine.ts';
import { hostsOf } from './hosts.ts';
import { measuredCost } from './measured-cost.ts';
import { outcomeOf } from './outcome.ts';
import { rooflineCost } from './roofline-cost.ts';
import { Scheduler } from './scheduler.ts';
import { type Sequence, sequencesOf } from './sequence.ts';
import type { StepCost } from './step.ts';
import { Timeline } from './timeline.ts';
import { requestsOf } from './workload-requests.ts';

export function runEngines(trial: Trial, policy?: PolicyHost): Measured {
  const asked = askedOf(trial);
  const requests = requestsOf(asked, trial);
  const simulation = new Simulation();
  const cost = stepCost(asked);
  const { most_sequences, step_tokens, reserve_prompt, steps_ahead } = asked.engine;
  const limits = { most_sequences, step_tokens, reserve_prompt };
  const hosts = hostsOf(trial, asked, simulation, policy);
  const sequences = sequencesOf(requests, asked.engine.block_tokens);
  const arrivals = new Arrivals(simulation, requests, sequences.all, (sequence) => {
    engines[hostOf(sequence, asked)]!.submit(sequence);
  });
  const onDone = (sequence: Sequence) => {
    if (!arrivals.ended(sequence)) return;
    timeline.close();
    for (const engine of engines) engine.close();
  };
  const engines = hosts.all.map(({ memory }, host) => {
    const scheduler = new Scheduler(sequences, memory, limits);
    const read = hosts.readAttached?.(host);
    return new Engine(simulation, scheduler, cost, steps_ahead, onDone, read);
  });
  for (const [host, engine] of engines.entries()) simulation.start(engine.run(), 0, `host ${host}`);
  simulation.start(arrivals.run(), 0, 'arrivals');
  const timeline = new Timeline({ simulation, engines, hosts });
  simulation.start(timeline.run(), 0, 'timeline');
  simulation.run();
  const waiting = arrivals.sequences.find(({ is_done }) => !is_done);
  if (waiting !== undefined) throw new Error(`audit: request ${waiting.index} has no end`);
  for (const { memory } of hosts.all) memory.audit();
  return {
    measurements: outcomeOf({ asked, requests, sequences: sequences.all, engines, hosts }),
    series: { ...distributionsOf(sequences.all), ...timeline.series(asked.block_bytes) },
  };
}

/** In turn; but a pool of engines computes only branches, and their parent the trunk. */
function hostOf({ index, requests }: Sequence, { mechanism, engine }: Asked): number {
  const turn = index % engine.hosts;
  if (mechanism.kept !== 'snapshot') return turn;
  return (requests.follows?.[index] ?? -1) === -1 ? engine.hosts : turn;
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
