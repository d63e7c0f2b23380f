/**
 * Steps of a serving engine: requests come, their prompts are computed in pieces and found where others had them, sequences
 * decode together, and the last to come gives way where memory lacks. Against a C program by the same rules.
 */

import { Simulation } from '../../sim/engine/simulation.ts';
import { Arrivals } from '../../sim/scenarios/kv-cache/arrivals.ts';
import { Engine } from '../../sim/scenarios/kv-cache/engine.ts';
import { HashedMemory } from '../../sim/scenarios/kv-cache/hashed-memory.ts';
import { rooflineCost } from '../../sim/scenarios/kv-cache/roofline-cost.ts';
import { Scheduler } from '../../sim/scenarios/kv-cache/scheduler.ts';
import { sequencesOf } from '../../sim/scenarios/kv-cache/sequence.ts';
import { gpus } from '../../sim/workload/llm/gpus.ts';
import { languageModels } from '../../sim/workload/llm/models.ts';
import { type OneRequest, type Requests, requestsOf } from '../../sim/workload/llm/requests.ts';
import { compile } from '../c-program.ts';
import { type Baseline, type Comparison, type Timing, time } from '../comparison.ts';
import { xorshift } from '../random.ts';

const block_tokens = 16;
const trunks = 50;
const trunk_blocks = 32;

interface Load {
  readonly requests: number;
  readonly mean_gap_ns: number;
  readonly kv_blocks: number;
  readonly most_sequences: number;
}

/** Some have a trunk in common with others; prompts and answers have up to 1,024 tokens. */
function requestsUnder({ requests, mean_gap_ns }: Load): Requests {
  const random = xorshift();
  const all: OneRequest[] = [];
  let arrival_ns = 0;
  let own = trunks * trunk_blocks;
  for (let i = 0; i < requests; i += 1) {
    arrival_ns += random() % (2 * mean_gap_ns);
    const trunk = random() % trunks;
    const input_tokens = 1 + (random() % 1024);
    const output_tokens = 1 + (random() % 1024);
    const identities = Array.from({ length: Math.ceil(input_tokens / block_tokens) }, (_, k) =>
      k < trunk_blocks ? trunk * trunk_blocks + k : own++,
    );
    all.push({ arrival_ns, input_tokens, output_tokens, identities });
  }
  return requestsOf(all, block_tokens);
}

function outputTokens({ output_tokens }: Requests): number {
  return output_tokens.reduce((sum, tokens) => sum + tokens, 0);
}

/**
 * What the round before was made of: where all of it is collected, so are the shapes of its objects, and all is compiled
 * anew, which is no part of a step.
 */
const round_before: object[] = [];

/** As many operations as tokens come out; what all came to, by how long each took. */
function serve(requests: Requests, { kv_blocks, most_sequences }: Load): Timing {
  const simulation = new Simulation();
  const memory = new HashedMemory(kv_blocks, block_tokens, true);
  const limits = { most_sequences, step_tokens: 2048, reserve_prompt: true };
  const sequences = sequencesOf(requests, block_tokens);
  const scheduler = new Scheduler(sequences, memory, limits);
  const cost = rooflineCost(languageModels['llama-3.1-8b']!, gpus['h100']!, 1, {
    compute: 0.75,
    memory: 0.92,
    step_ns: 0,
  });
  const engine = new Engine(simulation, scheduler, cost, 2, (sequence) => {
    if (arrivals.ended(sequence)) engine.close();
  });
  const arrivals = new Arrivals(simulation, requests, sequences.all, (sequence) => {
    engine.submit(sequence);
  });
  simulation.start(engine.run());
  simulation.start(arrivals.run());
  const timing = time(outputTokens(requests), () => {
    simulation.run();
    let sum = engine.steps + scheduler.preempted + scheduler.found_tokens;
    for (const { done_ns, arrived_ns } of arrivals.sequences) sum += done_ns - arrived_ns;
    return sum;
  });
  round_before[0] = { simulation, engine, arrivals };
  return timing;
}

const program = compile('engine-steps.c');

function inC(requests: Requests, load: Load): Baseline {
  const name = 'a C program by the same rules';
  if ('missing' in program) return { name, missing: program.missing };
  const { requests: count, mean_gap_ns, kv_blocks, most_sequences } = load;
  const args = [count, mean_gap_ns, kv_blocks, most_sequences, block_tokens].map(String);
  const run = () => {
    const [cpu_ns, checksum] = program
      .run(...args)
      .split(' ')
      .map(Number);
    return { operations: outputTokens(requests), cpu_ns: cpu_ns!, checksum: checksum! };
  };
  return { name, run };
}

const loads: readonly Load[] = [
  // As many as an engine runs at a time, mostly; and more than its memory has room for.
  { requests: 50_000, mean_gap_ns: 36_000_000, kv_blocks: 20_000, most_sequences: 256 },
  { requests: 50_000, mean_gap_ns: 40_000_000, kv_blocks: 8_000, most_sequences: 256 },
];

export default loads.map((load) => {
  const requests = requestsUnder(load);
  return {
    name: `${load.requests} requests, ${load.kv_blocks} blocks`,
    operations: 'tokens',
    run: () => serve(requests, load),
    baseline: inC(requests, load),
    target_ratio: 0.4,
  };
}) satisfies Comparison[];
