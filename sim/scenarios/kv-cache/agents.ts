/**
 * Agents fork a conversation: a trunk, and branches that begin when it has been computed, each for some turns.
 *
 *     trunk ─┬─ [prompt][answer] ─ [prompt][answer]      a turn's prompt is all that precedes it
 *            ├─ [prompt][answer] ─ …
 *            └─ [prompt][answer] ─ (back) ─ …            a rollback: the turn's tokens are no part of what follows
 *
 * A search forks again and again: the trunk (best of N), the last branch or after a rollback any, or whichever is the most
 * promising (tree-search.ts).
 */

import type { Values } from '../../parameters.ts';
import { randomStream } from '../../random.ts';
import { ns_per_ms } from '../../units.ts';
import { type OneRequest, type Requests, requestsOf } from '../../workload/llm/requests.ts';
import type { agentParameters } from './agent-parameters.ts';
import { TreeSearch } from './tree-search.ts';

export type AgentSettings = Values<typeof agentParameters>;

export interface AgentOptions {
  readonly seed: number;
  readonly block_tokens: number;
  /** Whether what adapters have in common is one: else each adapter has blocks of its own. */
  readonly shares_base: boolean;
}

export function requestsOfAgents(settings: AgentSettings, options: AgentOptions): Requests {
  const all: OneRequest[] = [];
  const identities = new Identities(options.block_tokens);
  const random = randomStream(options.seed, 'agents');
  for (let session = 0; session < settings.sessions; session += 1) {
    fork(settings, options, all, identities, random.uniform, session);
  }
  return requestsOf(all, options.block_tokens);
}

function fork(
  settings: AgentSettings,
  { shares_base }: AgentOptions,
  all: OneRequest[],
  identities: Identities,
  uniform: () => number,
  session: number,
): void {
  const { trunk_tokens, branches, branch_tokens, output_tokens, turns, adapter_rank, ...times } =
    settings;
  const arrival_ns = Math.round(session * times.interval_ms * ns_per_ms);
  const trunk = all.length;
  const root = identities.begin(trunk_tokens);
  const has_adapters = adapter_rank > 0;
  // Adapters that share nothing have no use for what the bare model computes.
  const has_trunk = !has_adapters || shares_base;
  if (has_trunk) {
    const asked = { input_tokens: trunk_tokens, output_tokens: 1, identities: root.identities };
    all.push({ arrival_ns, ...asked, told_tokens: trunk_tokens });
  }
  const ends: End[] = [];
  for (let branch = 0; branch < branches; branch += 1) {
    const agent = session * branches + branch;
    // With weights of its own, a branch has other keys and values for the same tokens.
    let before = has_adapters && !shares_base ? identities.begin(trunk_tokens) : root;
    let follows = has_trunk ? trunk : undefined;
    for (let turn = 0; turn < turns; turn += 1) {
      const input_tokens = before.tokens + branch_tokens;
      const after = identities.extend(before, branch_tokens + output_tokens);
      const tool_ns = turn === 0 ? 0 : Math.round(times.tool_ms * ns_per_ms);
      all.push({
        arrival_ns: follows === undefined ? arrival_ns : tool_ns,
        input_tokens,
        output_tokens,
        identities: after.identities,
        told_tokens: after.tokens,
        ...(follows !== undefined && { follows }),
        ...(has_adapters && { agent }),
      });
      follows = all.length - 1;
      if (uniform() >= times.rollback_share) before = after;
    }
    ends.push({ tokens: before, request: all.length - 1 });
  }
  expand(settings, { trunk: { tokens: root, request: trunk }, ends }, all, identities, uniform);
}

/** Where a branch is, and the request that brought it there. */
interface End {
  readonly tokens: Tokens;
  readonly request: number;
}

interface Forked {
  readonly trunk: End;
  /** Branches so far, in the order in which they were asked for. */
  readonly ends: End[];
}

function expand(
  { expansions, branches, branch_tokens, output_tokens, tool_ms, ...settings }: AgentSettings,
  { trunk, ends }: Forked,
  all: OneRequest[],
  identities: Identities,
  uniform: () => number,
): void {
  const chosen = chooserOf(settings, ends.length, uniform);
  for (let expansion = 0; expansion < expansions; expansion += 1) {
    const number = chosen.next(ends.length);
    const from = number === 0 ? trunk : ends[number - 1]!;
    const follows = ends.at(-1)!.request;
    for (let branch = 0; branch < branches; branch += 1) {
      const tokens = identities.extend(from.tokens, branch_tokens + output_tokens);
      all.push({
        arrival_ns: Math.round(tool_ms * ns_per_ms),
        input_tokens: from.tokens.tokens + branch_tokens,
        output_tokens,
        identities: tokens.identities,
        told_tokens: tokens.tokens,
        follows,
      });
      ends.push({ tokens, request: all.length - 1 });
      chosen.add(number);
    }
  }
}

/** Which is forked next, of so many branches: by number from 1 on, or the trunk, which is 0. */
interface Chooser {
  next(branches: number): number;
  /** Told of each branch, and of which one it is. */
  add(parent: number): void;
}

function chooserOf(
  { search, rollback_share }: Pick<AgentSettings, 'search' | 'rollback_share'>,
  branches: number,
  uniform: () => number,
): Chooser {
  const add = () => {};
  if (search === 'trunk') return { next: () => 0, add };
  if (search === 'last') {
    const next = (count: number) =>
      uniform() < rollback_share ? 1 + Math.floor(uniform() * count) : count;
    return { next, add };
  }
  const tree = new TreeSearch(uniform);
  for (let branch = 0; branch < branches; branch += 1) tree.add(0);
  return tree;
}

interface Tokens {
  readonly tokens: number;
  readonly identities: readonly number[];
}

/** Blocks of tokens that nobody has seen before get new identities; those that are full are kept where tokens follow. */
class Identities {
  #next = 0;
  readonly #block_tokens: number;

  constructor(block_tokens: number) {
    this.#block_tokens = block_tokens;
  }

  begin(tokens: number): Tokens {
    return this.extend({ tokens: 0, identities: [] }, tokens);
  }

  extend({ tokens, identities }: Tokens, more: number): Tokens {
    const kept = identities.slice(0, Math.floor(tokens / this.#block_tokens));
    const all = Math.ceil((tokens + more) / this.#block_tokens);
    while (kept.length < all) kept.push(this.#next++);
    return { tokens: tokens + more, identities: kept };
  }
}
