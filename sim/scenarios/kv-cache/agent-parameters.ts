/** What experiments may set of agents that fork a conversation. */

import type { Parameters } from '../../parameters.ts';

export const agentParameters = {
  sessions: {
    default: 1,
    unit: 'count',
    description: 'conversations that are forked',
    source: 'a choice: one conversation',
    minimum: 1,
    maximum: 10_000,
  },
  interval_ms: {
    default: 0,
    unit: 'ms',
    description: 'time between the beginnings of two of them',
    source: 'a choice: all at once',
    minimum: 0,
    maximum: 1e9,
  },
  trunk_tokens: {
    default: 8192,
    unit: 'count',
    description: 'tokens that all branches of a conversation have in common',
    source: 'an 8K trunk, as thaw forks it',
    minimum: 1,
    maximum: 10_000_000,
  },
  branches: {
    default: 4,
    unit: 'count',
    description: 'branches of a conversation, which begin when its trunk has been computed',
    source: 'thaw: four branches a round',
    minimum: 1,
    maximum: 4096,
  },
  branch_tokens: {
    default: 64,
    unit: 'count',
    description: 'tokens that a branch adds before each of its answers',
    source: 'a choice: a sentence or two, or a tool’s short answer',
    minimum: 1,
    maximum: 1_000_000,
  },
  output_tokens: {
    default: 64,
    unit: 'count',
    description: 'tokens of an answer',
    source: 'thaw receipt 2026-04-20: max_tokens 64',
    minimum: 1,
    maximum: 1_000_000,
  },
  turns: {
    default: 1,
    unit: 'count',
    description: 'answers of a branch, each with all that precedes it as its prompt',
    source: 'a choice: one answer',
    minimum: 1,
    maximum: 1000,
  },
  expansions: {
    default: 0,
    unit: 'count',
    description: 'further forks, one after the other, each of what parameters.agents.search says',
    source: 'a choice: branches of the trunk alone',
    minimum: 0,
    maximum: 10_000,
  },
  search: {
    default: 'last',
    unit: 'choice',
    description:
      'what an expansion forks: the trunk again (best of N), the last branch of the one before or after a rollback any so far, or the branch with the highest upper confidence bound of its drawn worth (Monte Carlo tree search)',
    source: 'a choice: a search that goes on, and sometimes back',
    choices: ['trunk', 'last', 'mcts'],
  },
  tool_ms: {
    default: 0,
    unit: 'ms',
    description: 'time between an answer and the next prompt of its branch',
    source: 'a choice: the engine alone',
    minimum: 0,
    maximum: 1e7,
  },
  rollback_share: {
    default: 0,
    unit: 'share',
    description:
      'share of turns after which a branch goes on from before that turn, and of expansions that go back',
    source:
      'a choice: no rollbacks; DeltaBox’ traces have 49 rollbacks in 100 expansions of a search tree',
    minimum: 0,
    maximum: 1,
  },
  adapter_rank: {
    default: 0,
    unit: 'count',
    description:
      'rank of the adapter that each branch has of its own (LoRA on keys and values); 0: all use the bare model',
    source: 'a choice: no adapters',
    minimum: 0,
    maximum: 65_536,
  },
} as const satisfies Parameters;
