/** Laws of ForkKV's two trees, and of agents that share a base. */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type DualMatch, DualRadixTree } from '../../../sim/scenarios/kv-cache/dual-radix-tree.ts';
import { kvRefusal } from '../../../sim/scenarios/kv-cache/refusal.ts';
import { runEngines } from '../../../sim/scenarios/kv-cache/run-engines.ts';
import { kvTrial } from './played.ts';
import { Prefixes } from './prefixes.ts';

const sequences = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 6 });
const inserts = fc.array(
  fc.record({ sequence: sequences, agent: fc.integer({ min: 0, max: 2 }) }),
  {
    maxLength: 20,
  },
);

function insert(
  trees: DualRadixTree,
  sequence: readonly number[],
  agent: number,
  base: readonly number[],
  residual: readonly number[],
): void {
  const [all, own] = [Int32Array.from(base), Int32Array.from(residual)];
  trees.insert(Int32Array.from(sequence), agent, all, all.length, own, own.length);
}

function match(trees: DualRadixTree, sequence: readonly number[], agent: number) {
  const [base, residual] = [new Int32Array(sequence.length), new Int32Array(sequence.length)];
  const found = trees.match(Int32Array.from(sequence), sequence.length, agent, base, residual);
  return {
    ...found,
    base_blocks: [...base.subarray(0, found.base_count)],
    residual_blocks: [...residual.subarray(0, found.residual_count)],
  };
}

function common(a: readonly number[], b: readonly number[]): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length += 1;
  return length;
}

describe('two radix trees', () => {
  it('find the base that anybody computed, and the residual that the agent itself did', () => {
    fc.assert(
      fc.property(inserts, sequences, fc.integer({ min: 0, max: 2 }), (all, sought, agent) => {
        let next = 0;
        const trees = new DualRadixTree(
          () => {},
          () => {},
        );
        const fresh = (sequence: readonly number[]) => sequence.map(() => next++);
        for (const { sequence, agent: of } of all) {
          insert(trees, sequence, of, fresh(sequence), fresh(sequence));
        }
        const longest = (own: typeof all) =>
          Math.max(0, ...own.map(({ sequence }) => common(sequence, sought)));
        const { base_blocks, residual_blocks } = match(trees, sought, agent);
        assert.equal(base_blocks.length, longest(all));
        assert.equal(residual_blocks.length, longest(all.filter((each) => each.agent === agent)));
        trees.audit();
      }),
    );
  });

  it('fork, hold and let go what two lists of all prefixes do, each in the order of its own use', () => {
    const kinds = fc.constantFrom('insert', 'fork', 'hold', 'release', 'base', 'residual');
    const agent = fc.integer({ min: 0, max: 2 });
    const actions = fc.array(fc.record({ kind: kinds, sequence: sequences, agent }), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(actions, (all) => {
        let blocks = 0;
        const gone: number[] = [];
        const trees = new DualRadixTree(
          (block) => gone.push(block),
          (block) => gone.push(block),
        );
        const [base, residual] = [new Prefixes(), new Prefixes()];
        const held: { match: DualMatch; give: () => void }[] = [];
        const fresh = (sequence: readonly number[]) => sequence.map(() => blocks++);
        for (const { kind, sequence, agent } of all) {
          if (kind === 'insert') {
            insert(trees, sequence, agent, fresh(sequence), fresh(sequence));
            base.insert(sequence);
            residual.insert(sequence, agent);
          } else if (kind === 'hold' || kind === 'fork') {
            const parent = match(trees, sequence, agent);
            const of_base = base.match(sequence);
            const of_residual = residual.match(sequence, agent);
            assert.deepEqual([parent.base_count, parent.residual_count], [of_base, of_residual]);
            // What is forked has an empty residual, whatever its agent computed before.
            const own = kind === 'fork' ? 0 : of_residual;
            const holder = kind === 'fork' ? trees.fork(parent, (agent + 1) % 3) : parent;
            if (kind === 'hold') trees.hold(parent);
            const count = (by: number) => {
              base.hold(sequence, of_base, by);
              residual.hold(sequence, own, by, agent);
            };
            count(1);
            held.push({ match: holder, give: () => count(-1) });
          } else if (kind === 'release') {
            const one = held.shift();
            if (one === undefined) continue;
            trees.release(one.match);
            one.give();
          } else {
            const [tree, list] = kind === 'base' ? [trees.base, base] : [trees.residual, residual];
            assert.equal(tree.evict(1) === 1, list.evict());
          }
          trees.audit();
          assert.deepEqual(
            [trees.base.size, trees.base.held, trees.residual.size, trees.residual.held],
            [base.size, base.held, residual.size, residual.held],
          );
        }
        assert.equal(new Set(gone).size, gone.length, 'no block goes twice');
        assert.equal(gone.length + base.size + residual.size, blocks);
      }),
    );
  });

  it('give a child all of its parent’s base, counted once more, and nothing of its residual', () => {
    const trees = new DualRadixTree(
      () => {},
      () => {},
    );
    insert(trees, [7, 8, 9], 0, [1, 2, 3], [4, 5, 6]);
    const parent = match(trees, [7, 8, 9], 0);
    trees.hold(parent);
    const child = trees.fork(parent, 1);
    assert.deepEqual(parent.base_blocks, [1, 2, 3]);
    assert.equal(child.base, parent.base);
    assert.equal(child.base_count, 3);
    assert.equal(child.residual_count, 0);
    assert.equal(trees.base.holders(parent.base), 2);
    trees.release(parent);
    assert.equal(trees.base.evict(3), 0, 'the child still has it');
    assert.equal(trees.residual.evict(9) > 0, true, 'its parent’s residual may go');
    trees.release(child);
    assert.equal(trees.base.evict(3), 3);
    trees.audit();
  });
});

/** Memory, tokens a second and what is exact, of agents as the experiment file has them. */
function agents(mechanism: string, settings: Record<string, number>, own: object = {}) {
  const trial = forked(mechanism, settings, own);
  assert.equal(kvRefusal(trial), undefined);
  return runEngines(trial).measurements;
}

function forked(mechanism: string, settings: Record<string, number>, own: object = {}) {
  const told = kvTrial([], { mechanism });
  return {
    ...told,
    workload: { ...told.workload, requests: 'agents' } as never,
    parameters: {
      agents: { adapter_rank: 16, ...settings },
      [mechanism]: own as Record<string, number>,
    },
  };
}

describe('agents that share a base', () => {
  it('need less memory than those that do not, and more the higher the rank of their adapters', () => {
    const settings = { trunk_tokens: 4096, branches: 8, output_tokens: 16 };
    const apart = agents('prefix-cache', settings).kv_memory_mb!;
    const [low, high] = [16, 128].map(
      (adapter_rank) => agents('fork-kv', { ...settings, adapter_rank }).kv_memory_mb!,
    );
    assert.ok(low! < high! && high! < apart, `${low} ${high} ${apart}`);
  });

  it('are exact in the layers below the first that adapters change, and neither keep nor compute residuals there', () => {
    const settings = { trunk_tokens: 1024, branches: 4, output_tokens: 4 };
    const all = agents('fork-kv', settings, { adapted_from_layer: 0 });
    const half = agents('fork-kv', settings, { adapted_from_layer: 16 });
    assert.equal(all.exact_layer_share, 0);
    assert.equal(half.exact_layer_share, 0.5);
    assert.ok(half.kv_memory_mb! < all.kv_memory_mb!);
    const long = { ...settings, trunk_tokens: 16_384, adapter_rank: 256 };
    const [more, less] = [0, 16].map(
      (adapted_from_layer) => agents('fork-kv', long, { adapted_from_layer }).ttft_ms!,
    );
    assert.ok(less! < more!, `${less} and ${more} ms`);
    assert.equal(agents('prefix-cache', settings).exact_layer_share, 1);
  });

  it('compute more where a residual takes whole layers', () => {
    const settings = { trunk_tokens: 4096, branches: 4 };
    const [cheap, dear] = ['projection', 'forward'].map(
      (residual_work) => agents('fork-kv', settings, { residual_work }).ttft_ms!,
    );
    assert.ok(cheap! < dear!);
  });

  it('give all blocks back, however little memory they have', () => {
    fc.assert(
      fc.property(
        fc.record({
          branches: fc.integer({ min: 1, max: 6 }),
          trunk_tokens: fc.integer({ min: 1, max: 300 }),
          branch_tokens: fc.integer({ min: 1, max: 40 }),
          output_tokens: fc.integer({ min: 1, max: 40 }),
          turns: fc.integer({ min: 1, max: 3 }),
          sessions: fc.integer({ min: 1, max: 2 }),
          rollback_share: fc.constantFrom(0, 0.5),
          adapter_rank: fc.constantFrom(8, 256),
        }),
        fc.integer({ min: 0, max: 20 }),
        (settings, spare) => {
          const { trunk_tokens, branch_tokens, output_tokens, turns } = settings;
          const longest = trunk_tokens + turns * (branch_tokens + output_tokens);
          // Room for one with its residual.
          const kv_blocks =
            Math.ceil((longest / 16 + 1) * (1 + settings.adapter_rank / 1024)) + 2 + spare;
          const trial = forked('fork-kv', settings);
          const parameters = { ...trial.parameters, engine: { kv_blocks, step_tokens: 64 } };
          const measured = runEngines({ ...trial, parameters }).measurements;
          assert.ok(measured.kv_memory_mb! <= kv_blocks * 2);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('are refused without adapters, and with adapters wider than the model', () => {
    assert.match(
      kvRefusal(forked('fork-kv', { adapter_rank: 0 }))!,
      /^fork-kv shares what adapters leave equal, and told has none; expected .* from 1 to 4096$/,
    );
    assert.match(
      kvRefusal(forked('prefix-cache', { adapter_rank: 4097 }))!,
      /^adapters of rank 4097 are wider than llama-3.1-8b \(4096\)/,
    );
  });
});
