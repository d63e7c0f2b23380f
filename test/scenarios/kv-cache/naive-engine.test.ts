/** The engine against one that is written down plainly: the same tokens at the same nanosecond. */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Simulation } from '../../../sim/engine/simulation.ts';
import { Arrivals } from '../../../sim/scenarios/kv-cache/arrivals.ts';
import { Engine } from '../../../sim/scenarios/kv-cache/engine.ts';
import { HashedMemory } from '../../../sim/scenarios/kv-cache/hashed-memory.ts';
import { Scheduler } from '../../../sim/scenarios/kv-cache/scheduler.ts';
import { sequencesOf } from '../../../sim/scenarios/kv-cache/sequence.ts';
import { promptTokens, type Step } from '../../../sim/scenarios/kv-cache/step.ts';
import { requestsOf } from '../../../sim/workload/llm/requests.ts';
import {
  type NaiveOptions,
  type NaiveOutcome,
  type NaiveRequest,
  naiveEngine,
} from './naive-engine.ts';

const block_tokens = 16;
const most_input = 200;
const most_output = 90;

/** All that a step has decides how long it takes, so that no difference goes unseen. */
function cost(step: Step): number {
  const pairs = step.prompt_tokens.reduce(
    (sum, tokens, i) => sum + tokens * (step.prompt_contexts[i]! + 1),
    0,
  );
  const { decodes, context_sum, longest_context, sequences } = step;
  const of_decodes = 1009 * decodes + 31 * context_sum + 7 * longest_context;
  return 2_000_003 + 10_007 * promptTokens(step) + 13 * pairs + of_decodes + 101 * sequences;
}

function played(told: readonly NaiveRequest[], options: NaiveOptions): NaiveOutcome {
  const simulation = new Simulation();
  const requests = requestsOf(told, block_tokens);
  const sequences = sequencesOf(requests, block_tokens);
  const memory = new HashedMemory(options.blocks, block_tokens, options.finds);
  const scheduler = new Scheduler(sequences, memory, options);
  const arrivals: Arrivals = new Arrivals(simulation, requests, sequences.all, (sequence) =>
    engine.submit(sequence),
  );
  const engine = new Engine(
    simulation,
    scheduler,
    { kind: 'roofline', step_ns: cost },
    options.steps_ahead,
    (sequence) => {
      if (arrivals.ended(sequence)) engine.close();
    },
  );
  simulation.start(engine.run(), 0, 'engine');
  simulation.start(arrivals.run(), 0, 'arrivals');
  simulation.run();
  memory.audit();
  return {
    first_token_ns: sequences.all.map(({ first_token_ns }) => first_token_ns),
    done_ns: sequences.all.map(({ done_ns }) => done_ns),
    preempted: scheduler.preempted,
    found_tokens: scheduler.found_tokens,
  };
}

const requests: fc.Arbitrary<NaiveRequest[]> = fc
  .array(
    fc.record({
      // Nobody comes at the nanosecond at which a step ends: who is first then is nobody's rule.
      gap_ns: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 60_000_000 })),
      input_tokens: fc.integer({ min: 1, max: most_input }),
      output_tokens: fc.integer({ min: 1, max: most_output }),
      trunk: fc.integer({ min: 0, max: 2 }),
      own: fc.integer({ min: 0, max: 5 }),
    }),
    { minLength: 1, maxLength: 16 },
  )
  .map((all) => {
    let arrival_ns = 0;
    return all.map(({ gap_ns, trunk, own, ...lengths }) => {
      arrival_ns += gap_ns;
      // A block tells all that precedes it: those of a trunk, and behind them those of one that goes on from it.
      const identities = Array.from(
        { length: Math.floor(lengths.input_tokens / block_tokens) },
        (_, i) => (i < 4 ? trunk * 1000 + i : (10 * trunk + own + 10) * 1000 + i),
      );
      return { arrival_ns, identities, ...lengths };
    });
  });

const options: fc.Arbitrary<NaiveOptions> = fc.record({
  // As many as the longest request needs, or some more.
  blocks: fc.integer({ min: Math.ceil((most_input + most_output) / block_tokens), max: 70 }),
  block_tokens: fc.constant(block_tokens),
  steps_ahead: fc.integer({ min: 1, max: 2 }),
  most_sequences: fc.integer({ min: 1, max: 12 }),
  step_tokens: fc.integer({ min: 1, max: 300 }),
  reserve_prompt: fc.boolean(),
  finds: fc.boolean(),
  cost: fc.constant(cost),
});

describe('an engine and one that is written down plainly', () => {
  it('give each request its first and its last token at the same time, and drive out as many', () => {
    let preempted = 0;
    let found_tokens = 0;
    fc.assert(
      fc.property(requests, options, (told, asked) => {
        const plain = naiveEngine(told, asked);
        assert.deepEqual(played(told, asked), plain);
        preempted += plain.preempted;
        found_tokens += plain.found_tokens;
      }),
      { numRuns: 1000 },
    );
    // Else little was tried.
    assert.ok(preempted > 500 && found_tokens > 50_000, `${preempted}, ${found_tokens}`);
  });
});
