/** Laws of a serving engine. */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { kvRefusal } from '../../../sim/scenarios/kv-cache/refusal.ts';
import { rooflineCost } from '../../../sim/scenarios/kv-cache/roofline-cost.ts';
import { runEngines } from '../../../sim/scenarios/kv-cache/run-engines.ts';
import { emptyStep } from '../../../sim/scenarios/kv-cache/step.ts';
import { gpus } from '../../../sim/workload/llm/gpus.ts';
import { kvBytesPerToken, weightBytes } from '../../../sim/workload/llm/language-model.ts';
import { languageModels } from '../../../sim/workload/llm/models.ts';
import type { OneRequest } from '../../../sim/workload/llm/requests.ts';
import { kvTrial, played } from './played.ts';

const model = languageModels['llama-3.1-8b']!;
const efficiency = { compute: 0.75, memory: 0.92, step_ns: 0 };
const cost = rooflineCost(model, gpus['h100']!, 1, efficiency);
const ns_per_ms = 1e6;

function prompt_ns(tokens: number, context: number): number {
  const step = emptyStep();
  step.prompt_tokens.push(tokens);
  step.prompt_contexts.push(context);
  step.sequences = 1;
  return cost.step_ns(step);
}

function decode_ns(context: number): number {
  return cost.step_ns({
    ...emptyStep(),
    decodes: 1,
    context_sum: context,
    longest_context: context,
    sequences: 1,
  });
}

const requests: fc.Arbitrary<OneRequest[]> = fc
  .array(
    fc.record({
      gap_ms: fc.integer({ min: 0, max: 40 }),
      input_tokens: fc.integer({ min: 1, max: 200 }),
      output_tokens: fc.integer({ min: 1, max: 90 }),
      trunk: fc.integer({ min: 0, max: 2 }),
    }),
    { minLength: 1, maxLength: 14 },
  )
  .map((all) => {
    let at_ns = 0;
    return all.map(({ gap_ms, trunk, ...lengths }, index) => {
      at_ns += gap_ms * ns_per_ms;
      const blocks = Math.ceil(lengths.input_tokens / 16);
      // Half of each prompt is that of others with the same trunk.
      const identities = Array.from({ length: blocks }, (_, i) =>
        i < blocks / 2 ? trunk * 1000 + i : 1e5 + index * 1000 + i,
      );
      return { arrival_ns: at_ns, identities, ...lengths };
    });
  });

describe('a serving engine', () => {
  it('computes a lone prompt in pieces of its step, then a token a step', () => {
    const { ttft_ms, latency_ms, tpot_ms } = played([
      { arrival_ns: 0, input_tokens: 5000, output_tokens: 3 },
    ]);
    const first = prompt_ns(2048, 0) + prompt_ns(2048, 2048) + prompt_ns(904, 4096);
    const [second, third] = [decode_ns(5001), decode_ns(5002)];
    assert.equal(ttft_ms, first / ns_per_ms);
    assert.equal(latency_ms, (first + second + third) / ns_per_ms);
    assert.ok(Math.abs(tpot_ms! - (second + third) / 2 / ns_per_ms) < 1e-9);
  });

  it('finds what an earlier prompt has in common with a later one, but computes its last token', () => {
    const identities = Array.from({ length: 64 }, (_, i) => i);
    const one = { input_tokens: 1024, output_tokens: 1, identities };
    const { found_share, ttft_p90_ms, ttft_p50_ms } = played([
      { arrival_ns: 0, ...one },
      { arrival_ns: 1e9, ...one },
    ]);
    assert.equal(found_share, (63 * 16) / 2048);
    assert.ok(ttft_p50_ms! < ttft_p90_ms!);
    assert.equal(
      played(
        [one, { ...one, arrival_ns: 1e9 }].map((each) => ({ arrival_ns: 0, ...each })),
        { mechanism: 'recompute' },
      ).found_share,
      0,
    );
  });

  it('ends all requests and gives all blocks back, however little memory it has, whichever index it uses', () => {
    fc.assert(
      fc.property(
        requests,
        fc.integer({ min: 19, max: 60 }),
        fc.constantFrom('hashes', 'radix'),
        fc.integer({ min: 1, max: 2 }),
        fc.boolean(),
        (all, kv_blocks, index, steps_ahead, reserve_prompt) => {
          const parameters = {
            engine: { kv_blocks, steps_ahead, reserve_prompt, step_tokens: 128 },
            'prefix-cache': { index },
          };
          const trial = kvTrial(all, { parameters });
          assert.equal(kvRefusal(trial), undefined);
          // Audits throw where a block is lost, or counted twice, or a request has no end.
          const measured = runEngines(trial).measurements;
          assert.deepEqual(runEngines(trial).measurements, measured);
          const prompts = all.reduce((sum, each) => sum + each.input_tokens, 0);
          assert.ok(measured.found_share! >= 0 && measured.found_share! < 1);
          assert.ok(measured.busy_share! > 0 && measured.busy_share! <= 1 + 1e-9);
          assert.ok(prompts > 0 && measured.latency_ms! >= measured.ttft_ms!);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('drives out the last to come where memory lacks, and computes it again', () => {
    const all = Array.from({ length: 4 }, () => ({
      arrival_ns: 0,
      input_tokens: 160,
      output_tokens: 160,
    }));
    const little = played(all, {
      mechanism: 'recompute',
      parameters: { engine: { kv_blocks: 50 } },
    });
    const enough = played(all, {
      mechanism: 'recompute',
      parameters: { engine: { kv_blocks: 80 } },
    });
    assert.ok(little.preemptions! > 0 && little.recomputed_share! > 0);
    assert.equal(enough.preemptions, 0);
    assert.ok(little.latency_ms! > enough.latency_ms!);
  });

  it('is never slower on a GPU that reads or multiplies faster', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4000 }),
        fc.integer({ min: 0, max: 4000 }),
        (tokens, context) => {
          const faster = rooflineCost(
            model,
            { ...gpus['h100']!, tflops: 2000, memory_gb_per_s: 5000 },
            1,
            efficiency,
          );
          const step = { ...emptyStep(), prompt_tokens: [tokens], prompt_contexts: [context] };
          assert.ok(faster.step_ns(step) <= cost.step_ns(step));
        },
      ),
    );
  });

  it('knows the sizes of models', () => {
    // Files have norms, too.
    assert.ok(Math.abs(weightBytes(model) / 16_060_522_496 - 1) < 0.0001);
    assert.equal(kvBytesPerToken(model), 131_072);
    assert.ok(Math.abs(weightBytes(languageModels['llama-3.1-70b']!) / 141.11e9 - 1) < 0.001);
  });
});

describe('an engine refuses', () => {
  const refusal = (
    one: Partial<OneRequest>,
    engine: Record<string, number | string>,
    identity_tokens = 16,
  ) =>
    kvRefusal(
      kvTrial([{ arrival_ns: 0, input_tokens: 10, output_tokens: 1, ...one }], {
        parameters: { engine },
        identity_tokens,
      }),
    );

  it('a model larger than its GPUs', () => {
    assert.match(
      refusal({}, { model: 'llama-3.1-70b' })!,
      /^llama-3.1-70b has weights of \d+ MiB, and 1 x h100 \d+ MiB for them; expected more GPUs/,
    );
    assert.equal(refusal({}, { model: 'llama-3.1-70b', gpu_count: 2 }), undefined);
  });

  it('a context longer than the model, or than its memory', () => {
    assert.match(
      refusal({ input_tokens: 131_072 }, {})!,
      /131073 tokens, and llama-3.1-8b a context of 131072/,
    );
    assert.equal(refusal({ input_tokens: 131_072 }, { context_tokens: 200_000 }), undefined);
    assert.match(
      refusal({ input_tokens: 17 }, { kv_blocks: 1 })!,
      /room for 16; expected more GPUs/,
    );
  });

  it('agents that make more than memory holds, or simulated time reaches, before it makes them', () => {
    const told = kvTrial([]);
    const workload = { ...told.workload, requests: 'agents' } as never;
    const asked = (agents: Record<string, number>) =>
      kvRefusal({ ...told, workload, parameters: { agents } });
    assert.match(
      asked({ sessions: 10_000, branches: 4096, turns: 1000 })!,
      /^agents make 40960010000 requests; expected at most 5000000, /,
    );
    assert.match(
      asked({ branches: 4096, trunk_tokens: 1_000_000 })!,
      /^agents make 4097 requests of up to 1000128 tokens; expected at most 134217728 blocks of 16/,
    );
    assert.match(
      asked({ sessions: 10_000, interval_ms: 1e9 })!,
      /^agents take 9999000000 s beside what is computed; expected at most 5000000, /,
    );
    assert.equal(asked({ sessions: 100, interval_ms: 1e6 }), undefined);
  });

  it('blocks that do not fit into those of a trace', () => {
    assert.match(
      refusal({}, { block_tokens: 24 })!,
      /16 tokens, which parameters.engine.block_tokens 24 does not divide/,
    );
  });
});
