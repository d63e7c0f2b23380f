/** Laws of what is kept outside GPU memory: tiers, peers, a pool, snapshots. */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { valuesOf } from '../../../sim/parameters.ts';
import type { PolicyHost } from '../../../sim/scenarios/fork/policy-host.ts';
import { Link } from '../../../sim/scenarios/kv-cache/link.ts';
import { pipelineTime_ns } from '../../../sim/scenarios/kv-cache/pipeline.ts';
import { runEngines } from '../../../sim/scenarios/kv-cache/run-engines.ts';
import type { OneRequest } from '../../../sim/workload/llm/requests.ts';
import { builtInPolicies } from '../../arbitraries.ts';
import { kvTrial } from './played.ts';

const policyNames = ['migrate-on-access', 'migrate-on-write', 'hybrid'];

function hostOf(name: string): PolicyHost {
  const policy = builtInPolicies[name]!;
  return { name, policy, values: valuesOf(policy.parameters ?? {}), ask: (ask) => ask(policy) };
}

const systems = [
  ...['recompute', 'prefix-cache', 'tiered-cache', 'peer-cache'].map((mechanism) => ({
    mechanism,
    policy: undefined,
  })),
  ...policyNames.map((policy) => ({ mechanism: 'kv-pool', policy })),
];
type System = (typeof systems)[number];

function play(
  all: readonly OneRequest[],
  { mechanism, policy }: System,
  engine: object,
  more: object = {},
) {
  const reference = policy === undefined ? undefined : { name: policy, path: policy };
  const trial = kvTrial(all, {
    mechanism,
    policy: reference,
    parameters: { engine: { ...engine }, ...more } as never,
  });
  return runEngines(trial, policy === undefined ? undefined : hostOf(policy)).measurements;
}

const requests: fc.Arbitrary<OneRequest[]> = fc
  .array(
    fc.record({
      gap_ns: fc.integer({ min: 0, max: 3e7 }),
      input_tokens: fc.integer({ min: 1, max: 250 }),
      output_tokens: fc.integer({ min: 1, max: 60 }),
      trunk: fc.integer({ min: 0, max: 2 }),
    }),
    { minLength: 2, maxLength: 16 },
  )
  .map((all) => {
    let at_ns = 0;
    return all.map(({ gap_ns, trunk, ...lengths }, index) => {
      at_ns += gap_ns;
      const blocks = Math.ceil(lengths.input_tokens / 16);
      const identities = Array.from({ length: blocks }, (_, i) =>
        i < (3 * blocks) / 4 ? trunk * 1000 + i : 1e5 + index * 1000 + i,
      );
      return { arrival_ns: at_ns, identities, ...lengths };
    });
  });

const shared = Array.from({ length: 128 }, (_, i) => i);
const twins: OneRequest[] = [0, 1e9, 2e9, 3e9].map((arrival_ns) => ({
  arrival_ns,
  input_tokens: 2048,
  output_tokens: 4,
  identities: shared,
}));

describe('what is kept outside GPU memory', () => {
  it('loses no block and ends all requests, whoever keeps it and however little there is', () => {
    fc.assert(
      fc.property(
        requests,
        fc.constantFrom(...systems),
        fc.integer({ min: 20, max: 50 }),
        fc.integer({ min: 1, max: 3 }),
        fc.constantFrom(2, 20, 1000),
        fc.record({
          step_tokens: fc.constantFrom(16, 128),
          steps_ahead: fc.integer({ min: 1, max: 2 }),
          reserve_prompt: fc.boolean(),
        }),
        (all, system, kv_blocks, hosts, size_mb, steps) => {
          const more = {
            'tiered-cache': { host_memory_mb: size_mb, cxl_memory_mb: 6, nvme_mb: 8 },
            'peer-cache': { host_memory_mb: size_mb },
            'kv-pool': { pool_mb: size_mb },
          };
          // Audits throw where something does not add up.
          const measured = play(all, system, { kv_blocks, hosts, ...steps }, more);
          assert.deepEqual(play(all, system, { kv_blocks, hosts, ...steps }, more), measured);
          assert.ok(measured.found_share! >= 0 && measured.found_share! < 1);
        },
      ),
      { numRuns: 80 },
    );
  });

  it('gives those their turn whose blocks have come where all that ran gave way to them', () => {
    const told = [
      [159, 19],
      [68, 14],
      [175, 3],
    ].map(([input_tokens, output_tokens], index) => ({
      arrival_ns: 0,
      input_tokens: input_tokens!,
      output_tokens: output_tokens!,
      identities: Array.from({ length: Math.ceil(input_tokens! / 16) }, (_, i) => 1000 * index + i),
    }));
    const engine = { kv_blocks: 16, step_tokens: 16, steps_ahead: 1, reserve_prompt: false };
    const { preemptions } = play(told, { mechanism: 'tiered-cache', policy: undefined }, engine);
    assert.ok(preemptions! > 0);
  });

  it('is found on another host by peers and in the pool, and not in a cache of one GPU', () => {
    const found = (mechanism: string, policy?: string) =>
      play(twins, { mechanism, policy }, { hosts: 4 }).found_share!;
    const most = (3 * 127) / (4 * 128);
    assert.equal(found('prefix-cache'), 0);
    assert.equal(found('peer-cache'), most);
    for (const policy of policyNames) assert.equal(found('kv-pool', policy), most);
  });

  it('is read for each token where it is, or once where it is copied', () => {
    const bytes = (policy: string) =>
      play(twins, { mechanism: 'kv-pool', policy }, { hosts: 4 }).device_bytes!;
    const block_bytes = 16 * 131_072;
    // Written once; read by three, in their first step or in all four.
    assert.equal(bytes('migrate-on-access'), (128 + 3 * 127) * block_bytes);
    assert.equal(bytes('migrate-on-write'), (128 + 4 * 3 * 127) * block_bytes);
    // The first finds it cold, the others hot.
    assert.equal(bytes('hybrid'), (128 + (4 + 1 + 1) * 127) * block_bytes);
  });

  it('goes down where there is no room, and comes up from where it lies', () => {
    const more = { 'tiered-cache': { host_memory_mb: 8, cxl_memory_mb: 0, nvme_mb: 1000 } };
    const engine = { kv_blocks: 130 };
    const other = twins.map(({ identities, ...each }) => ({
      ...each,
      arrival_ns: each.arrival_ns + 5e8,
      identities: identities!.map((i) => i + 1000),
    }));
    const all = [...twins, ...other].sort((a, b) => a.arrival_ns - b.arrival_ns);
    const measured = play(all, { mechanism: 'tiered-cache', policy: undefined }, engine, more);
    assert.ok(measured.found_nvme_share! > 0.5);
    assert.ok(measured.host_kv_mb! <= 8);
  });
});

describe('a link', () => {
  it('carries one after the other, each way by itself, and never more than its bandwidth', () => {
    const link = new Link({ read_gb_per_s: 10, write_gb_per_s: 5, latency_ns: 100 });
    assert.equal(link.read(0, 1000), 200);
    assert.equal(link.read(0, 1000), 300);
    assert.equal(link.write(0, 1000), 300);
    assert.equal(link.read(1000, 10), 1101);
    const half = new Link({
      read_gb_per_s: 10,
      write_gb_per_s: 5,
      latency_ns: 0,
      is_half_duplex: true,
    });
    assert.equal(half.read(0, 1000), 100);
    assert.equal(half.write(0, 1000), 300);
  });
});

describe('a pipeline', () => {
  it('takes what its slowest stage takes, and its first chunk the others', () => {
    const chunk_bytes = 1000;
    const stages_gb_per_s = [10, 2, 5];
    const one = pipelineTime_ns({ stages_gb_per_s, chunk_bytes, buffers: 2 }, 1000);
    assert.equal(one, 100 + 500 + 200);
    const many = pipelineTime_ns({ stages_gb_per_s, chunk_bytes, buffers: 3 }, 100_000);
    assert.equal(many, 100 + 100 * 500 + 200);
    assert.equal(pipelineTime_ns({ stages_gb_per_s, chunk_bytes, buffers: 1 }, 100_000), 100 * 800);
  });

  it('is never faster with fewer buffers, nor than any of its stages', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 100_000 }),
        fc.integer({ min: 1, max: 4 }),
        (stages_gb_per_s, bytes, buffers) => {
          const time = (count: number) =>
            pipelineTime_ns({ stages_gb_per_s, chunk_bytes: 1024, buffers: count }, bytes);
          assert.ok(time(buffers + 1) <= time(buffers));
          assert.ok(time(buffers) >= bytes / Math.min(...stages_gb_per_s) - 1e-6);
        },
      ),
    );
  });
});
