/** Laws of agents that fork a conversation. */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { valuesOf } from '../../../sim/parameters.ts';
import { agentParameters } from '../../../sim/scenarios/kv-cache/agent-parameters.ts';
import { requestsOfAgents } from '../../../sim/scenarios/kv-cache/agents.ts';
import type { Requests } from '../../../sim/workload/llm/requests.ts';

const block_tokens = 16;

function forked(settings: Readonly<Record<string, number>>, seed = 1): Requests {
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
});
