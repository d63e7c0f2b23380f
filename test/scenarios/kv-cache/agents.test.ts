/** Laws of agents that fork a conversation. */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { valuesOf } from '../../../sim/parameters.ts';
import { agentParameters } from '../../../sim/scenarios/kv-cache/agent-parameters.ts';
import { requestsOfAgents } from '../../../sim/scenarios/kv-cache/agents.ts';
import { TreeSearch } from '../../../sim/scenarios/kv-cache/tree-search.ts';
import type { Requests } from '../../../sim/workload/llm/requests.ts';

const block_tokens = 16;

function forked(settings: Readonly<Record<string, number | string>>, seed = 1): Requests {
  const options = { seed, block_tokens, shares_base: false };
  return requestsOfAgents(valuesOf(agentParameters, settings), options);
}

function blocksOf({ identities, identity_start }: Requests, request: number): number[] {
  return [...identities.subarray(identity_start[request], identity_start[request + 1])];
}

const searches = fc.record({
  trunk_tokens: fc.integer({ min: 1, max: 200 }),
  branches: fc.integer({ min: 1, max: 5 }),
  branch_tokens: fc.integer({ min: 1, max: 40 }),
  output_tokens: fc.integer({ min: 1, max: 40 }),
  expansions: fc.integer({ min: 0, max: 12 }),
  rollback_share: fc.constantFrom(0, 0.5, 1),
  search: fc.constantFrom('trunk', 'last', 'mcts'),
});

describe('agents that search', () => {
  it('fork what was there before, and begin when the fork before it ends', () => {
    fc.assert(
      fc.property(searches, fc.integer({ min: 1, max: 9 }), (settings, seed) => {
        const requests = forked(settings, seed);
        const { branches, expansions } = settings;
        assert.equal(requests.count, 1 + branches * (1 + expansions));
        for (let i = 1 + branches; i < requests.count; i += 1) {
          const follows = requests.follows![i]!;
          assert.equal(follows, branches * Math.floor((i - 1) / branches));
          // All full blocks that it begins with are those of an earlier one, to that one's end.
          const own = blocksOf(requests, i);
          const shared = Math.max(
            ...Array.from({ length: follows + 1 }, (_, k) => {
              const other = blocksOf(requests, k);
              const full = Math.floor(requests.told_tokens[k]! / block_tokens);
              return other.slice(0, full).every((each, at) => each === own[at]) ? full : 0;
            }),
          );
          const before = requests.input_tokens[i]! - settings.branch_tokens;
          assert.equal(shared, Math.floor(before / block_tokens));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('go ever deeper without rollbacks, and not with them', () => {
    const settings = { branches: 2, expansions: 10 };
    const longest = (rollback_share: number) =>
      Math.max(...forked({ ...settings, rollback_share }).input_tokens);
    assert.equal(longest(0), 8192 + 11 * 64 + 10 * 64);
    assert.ok(longest(1) < longest(0));
  });

  it('fork the trunk each time where they want the best of N', () => {
    const { input_tokens } = forked({ branches: 3, expansions: 10, search: 'trunk' });
    assert.deepEqual([...input_tokens.subarray(1)], Array(33).fill(8192 + 64));
  });

  it('fork the branch with the highest upper confidence bound, each at most once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 999 }), { minLength: 40, maxLength: 40 }),
        fc.integer({ min: 1, max: 4 }),
        (drawn, branches) => {
          let at = 0;
          const tree = new TreeSearch(() => drawn[at++]! / 1000);
          // By number: whose child each is, and what it is worth; all sums are made anew each time.
          const parents = [-1];
          const worths = [0.5];
          const below = (node: number): number[] => [
            ...(node === 0 ? [] : [node]),
            ...parents.flatMap((parent, child) => (parent === node ? below(child) : [])),
          ];
          const bestOf = (node: number): number => {
            const children = parents.flatMap((parent, child) => (parent === node ? [child] : []));
            if (children.length === 0) return node;
            const bounds = children.map((child) => {
              const own = below(child);
              const mean = own.reduce((sum, each) => sum + worths[each]!, 0) / own.length;
              return mean + Math.sqrt((2 * Math.log(below(node).length)) / own.length);
            });
            // Which of two that are as good is told by rounding.
            return bestOf(
              children[bounds.findIndex((each) => each >= Math.max(...bounds) - 1e-12)]!,
            );
          };
          const forked = new Set<number>();
          while (at + branches <= drawn.length) {
            const node = tree.next();
            assert.equal(node, bestOf(0));
            assert.ok(!forked.has(node));
            forked.add(node);
            for (let branch = 0; branch < branches; branch += 1) {
              worths.push(0.5 * worths[node]! + (0.5 * drawn[at]!) / 1000);
              parents.push(node);
              assert.equal(tree.add(node), parents.length - 1);
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
