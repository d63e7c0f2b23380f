/** Laws of a pool of blocks that hosts read in place or copy, beside peers and computing again. */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { valuesOf } from '../../../sim/parameters.ts';
import type { PolicyHost } from '../../../sim/scenarios/fork/policy-host.ts';
import { runEngines } from '../../../sim/scenarios/kv-cache/run-engines.ts';
import { builtInPolicies } from '../../arbitraries.ts';
import { kvTrial } from './played.ts';

const ways = [
  { mechanism: 'recompute' },
  { mechanism: 'peer-cache' },
  { mechanism: 'thaw' },
  { mechanism: 'kv-pool', policy: 'migrate-on-access' },
  { mechanism: 'kv-pool', policy: 'migrate-on-write' },
] as const;
type Way = { readonly mechanism: string; readonly policy?: string };
const pools = ways.filter(({ mechanism }) => mechanism === 'kv-pool');

interface Shape {
  readonly hosts: number;
  readonly trunk_tokens: number;
  readonly read_gb_per_s: number;
  readonly output_tokens: number;
}

const block_bytes = 16 * 131_072;

/** A trunk on the first host, and one branch on each. */
function forked({ mechanism, policy }: Way, shape: Shape) {
  const { hosts, trunk_tokens, read_gb_per_s, output_tokens } = shape;
  const trial = kvTrial([], {
    mechanism,
    policy: policy === undefined ? undefined : { name: policy, path: policy },
    parameters: {
      engine: { hosts, gpu_count: 8, kv_blocks: 2000 },
      agents: { trunk_tokens, branches: hosts, branch_tokens: 32, output_tokens },
    } as never,
  });
  const { fabric, workload } = trial;
  const own = {
    ...trial,
    workload: { ...workload, requests: 'agents' } as never,
    fabric: { ...fabric, cxl: { ...fabric.cxl, read_gb_per_s, duplex: 'full' } } as never,
  };
  const built_in = policy === undefined ? undefined : builtInPolicies[policy]!;
  const host: PolicyHost | undefined = built_in && {
    name: policy!,
    policy: built_in,
    values: valuesOf(built_in.parameters ?? {}),
    ask: (ask) => ask(built_in),
  };
  return runEngines(own, host).measurements;
}

const shapes: fc.Arbitrary<Shape> = fc.record({
  hosts: fc.integer({ min: 1, max: 8 }),
  trunk_tokens: fc.integer({ min: 16, max: 4000 }),
  read_gb_per_s: fc.integer({ min: 1, max: 200 }),
  output_tokens: fc.integer({ min: 1, max: 6 }),
});

/** Steps that are scheduled a step ahead begin by up to two steps sooner or later. */
const step_ms = 12;

describe('a pool that hosts read', () => {
  it('moves nothing out of itself for a host that has all in its own GPU', () => {
    fc.assert(
      fc.property(shapes, fc.constantFrom(...pools), (shape, way) => {
        const { device_bytes, found_cxl_share } = forked(way, { ...shape, hosts: 1 });
        const { trunk_tokens, output_tokens } = shape;
        const known = trunk_tokens + 32 + output_tokens - 1;
        assert.equal(found_cxl_share, 0);
        // What was computed is written once, and nothing read.
        assert.equal(device_bytes, Math.floor(known / 16) * block_bytes);
      }),
      { numRuns: 25 },
    );
  });

  it('is read once by each other host that copies, and once a step by each that attaches', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const { hosts, trunk_tokens, output_tokens } = shape;
        const trunk = Math.floor(trunk_tokens / 16);
        const read = (policy: string) =>
          forked({ mechanism: 'kv-pool', policy }, shape).device_bytes! / block_bytes;
        const copied = read('migrate-on-access');
        const attached = read('migrate-on-write');
        // Both write the same, so that the difference is what was read.
        assert.equal(attached - copied, (hosts - 1) * trunk * (output_tokens - 1));
      }),
      { numRuns: 25 },
    );
  });

  it('costs the same copied or read in place where a branch has one step', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const round = (policy: string) =>
          forked({ mechanism: 'kv-pool', policy }, { ...shape, output_tokens: 1 }).fork_round_ms!;
        const copied = round('migrate-on-access');
        const attached = round('migrate-on-write');
        assert.ok(Math.abs(copied - attached) <= step_ms, `${copied} and ${attached} ms`);
      }),
      { numRuns: 25 },
    );
  });

  it('costs the same copied or read in place where nothing on the way takes time', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const endless = { ...shape, read_gb_per_s: 1e6 };
        const round = (policy: string) =>
          forked({ mechanism: 'kv-pool', policy }, endless).fork_round_ms!;
        // What is left is the GPUs' own link, which each step that reads in place takes once.
        const link_ms = (shape.trunk_tokens * 131_072) / (8 * 64e6);
        const apart_ms = round('migrate-on-write') - round('migrate-on-access');
        assert.ok(Math.abs(apart_ms) <= shape.output_tokens * link_ms + step_ms, `${apart_ms} ms`);
      }),
      { numRuns: 25 },
    );
  });

  it('is no faster over a slower link, for a longer trunk, or with more hosts that pull; nor are the other ways', () => {
    const slower: readonly ((shape: Shape) => Shape)[] = [
      (shape) => ({ ...shape, read_gb_per_s: shape.read_gb_per_s / 4 }),
      (shape) => ({ ...shape, trunk_tokens: 3 * shape.trunk_tokens }),
      (shape) => ({ ...shape, hosts: 2 * shape.hosts }),
    ];
    fc.assert(
      fc.property(
        shapes,
        fc.constantFrom(...ways),
        fc.constantFrom(...slower.keys()),
        (shape, way, change) => {
          const before = forked(way, shape).fork_round_ms!;
          const after = forked(way, slower[change]!(shape)).fork_round_ms!;
          assert.ok(after >= before - step_ms, `${before} ms, then ${after}`);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('never gives all hosts together more than its bandwidth', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const { hosts, trunk_tokens, read_gb_per_s } = shape;
        const way = { mechanism: 'kv-pool', policy: 'migrate-on-access' };
        const bytes = (hosts - 1) * Math.floor(trunk_tokens / 16) * block_bytes;
        assert.ok(forked(way, shape).fork_round_ms! >= bytes / (read_gb_per_s * 1e6));
      }),
      { numRuns: 25 },
    );
  });
});
