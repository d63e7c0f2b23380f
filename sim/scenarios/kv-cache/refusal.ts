/** Why engines cannot do what a trial asks. */

import { default_invocations, type Trial } from '../../backend.ts';
import { bytes_per_mb } from '../../units.ts';
import { weightBytes } from '../../workload/llm/language-model.ts';
import { expectedRequests } from '../../workload/llm/rated-requests.ts';
import { longest_s, most_requests, type Requests } from '../../workload/llm/requests.ts';
import { type Asked, askedOf } from './asked.ts';
import { identityCount } from './sequence.ts';
import { agentSettings, rateSettings, requestsOf } from './workload-requests.ts';

/** Blocks are told apart by whole numbers of 31 bits. */
const most_identities = 2 ** 31 - 1;
/** Of drawn requests, each of which is kept until the end. */
const most_rated = 2_000_000;
/** Blocks that all requests of agents have together, each as often as it is in one: a GiB of numbers. */
const most_agent_blocks = 2 ** 27;

export function kvRefusal(trial: Trial): string | undefined {
  if (trial.workload.kind !== 'llm')
    return `${trial.workload.name} is a function, not requests to engines`;
  if (trial.invocations !== default_invocations) {
    return 'engines have requests, not invocations; leave out invocations';
  }
  const asked = askedOf(trial);
  return (
    adapterRefusal(asked, trial) ??
    modelRefusal(asked) ??
    agentsRefusal(asked, trial) ??
    ratesRefusal(asked, trial) ??
    requestsRefusal(asked, requestsOf(asked, trial))
  );
}

function adapterRefusal(asked: Asked, trial: Trial): string | undefined {
  const { mechanism, model, workload } = asked;
  const { adapter_rank, expansions } = agentSettings(asked, trial);
  const of_agents = workload.requests === 'agents';
  const shares_base = mechanism.kept === 'base-and-residual';
  if (adapter_rank > model.width) {
    return `adapters of rank ${adapter_rank} are wider than ${model.name} (${model.width}); expected parameters.agents.adapter_rank from 1 to ${model.width}`;
  }
  if (adapter_rank > 0 && expansions > 0) {
    return 'branches of a search have no adapters of their own; expected parameters.agents.adapter_rank 0, or expansions 0';
  }
  if (!shares_base || (of_agents && adapter_rank > 0)) return undefined;
  return `${mechanism.name} shares what adapters leave equal, and ${workload.name} has none; expected a workload of agents with parameters.agents.adapter_rank from 1 to ${model.width}`;
}

/** Before they are drawn: weeks of a large service are more than any memory holds. */
function ratesRefusal(asked: Asked, trial: Trial): string | undefined {
  const { requests, name } = asked.workload;
  if (requests === 'agents' || !('steps' in requests)) return undefined;
  const settings = rateSettings(asked, trial);
  const expected = expectedRequests(requests.steps, settings);
  if (expected > most_rated) {
    return `${name} has some ${Math.round(expected)} requests; expected at most ${most_rated}, by a smaller parameters.rates.share or length_s`;
  }
  if (requestsOf(asked, trial).count > 0) return undefined;
  return `no request of ${name} comes in that time; expected a larger parameters.rates.share or length_s, or another from_s`;
}

/** Before they are made: as many as parameters allow one by one have no room together. */
function agentsRefusal(asked: Asked, trial: Trial): string | undefined {
  if (asked.workload.requests !== 'agents') return undefined;
  const { sessions, branches, turns, expansions, interval_ms, tool_ms, ...tokens } = agentSettings(
    asked,
    trial,
  );
  const requests = sessions * (1 + branches * (turns + expansions));
  if (requests > most_requests) {
    return `agents make ${requests} requests; expected at most ${most_requests}, by fewer parameters.agents.sessions, branches, turns or expansions`;
  }
  const { trunk_tokens, branch_tokens, output_tokens } = tokens;
  const longest = trunk_tokens + (turns + expansions) * (branch_tokens + output_tokens);
  const blocks = requests * Math.ceil(longest / asked.engine.block_tokens);
  if (blocks > most_agent_blocks) {
    return `agents make ${requests} requests of up to ${longest} tokens; expected at most ${most_agent_blocks} blocks of ${asked.engine.block_tokens} tokens in all`;
  }
  const last_s = ((sessions - 1) * interval_ms + (turns + expansions) * tool_ms) / 1000;
  if (last_s <= longest_s) return undefined;
  return `agents take ${last_s} s beside what is computed; expected at most ${longest_s}, by a shorter parameters.agents.interval_ms or tool_ms`;
}

function modelRefusal({ model, gpu, engine, kv_blocks }: Asked): string | undefined {
  const weights_mb = weightBytes(model) / bytes_per_mb;
  const room_mb = (gpu.memory_bytes * engine.gpu_count * engine.memory_share) / bytes_per_mb;
  if (weights_mb > room_mb) {
    return (
      `${model.name} has weights of ${weights_mb.toFixed(0)} MiB, and ${engine.gpu_count} x ${gpu.name} ` +
      `${room_mb.toFixed(0)} MiB for them; expected more GPUs (parameters.engine.gpu_count), or larger ones`
    );
  }
  if (kv_blocks >= 1) return undefined;
  return `no KV block fits beside the weights of ${model.name}; expected a larger parameters.engine.memory_share`;
}

function requestsRefusal(asked: Asked, requests: Requests): string | undefined {
  const { model, engine, kv_blocks, workload } = asked;
  const { block_tokens } = engine;
  const most_tokens = engine.context_tokens || model.context_tokens;
  const { identity_tokens, input_tokens, output_tokens } = requests;
  if (identity_tokens % block_tokens !== 0) {
    return `blocks of ${workload.name} have ${identity_tokens} tokens, which parameters.engine.block_tokens ${block_tokens} does not divide`;
  }
  const blocks = identityCount(requests, block_tokens);
  if (blocks > most_identities) {
    return `${workload.name} has ${blocks} blocks of ${block_tokens} tokens; expected at most ${most_identities}, by a larger parameters.engine.block_tokens`;
  }
  for (let i = 0; i < requests.count; i += 1) {
    const tokens = input_tokens[i]! + output_tokens[i]!;
    if (tokens > most_tokens) {
      return `request ${i} of ${workload.name} has ${tokens} tokens, and ${model.name} a context of ${most_tokens}; expected shorter ones, or a larger parameters.engine.context_tokens`;
    }
    if (Math.ceil(tokens / block_tokens) > kv_blocks) {
      return (
        `request ${i} of ${workload.name} has ${tokens} tokens, and the memory of an engine room for ` +
        `${kv_blocks * block_tokens}; expected more GPUs, or a larger parameters.engine.memory_share`
      );
    }
  }
  return undefined;
}
