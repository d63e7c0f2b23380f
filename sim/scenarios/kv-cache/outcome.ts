/** What requests measured of their engines. */

import type { Measurements, MetricName } from '../../metrics.ts';
import { quantile } from '../../quantile.ts';
import { bytes_per_mb, ns_per_ms, ns_per_s } from '../../units.ts';
import { endlessHitShare, type Requests } from '../../workload/llm/requests.ts';
import type { Asked } from './asked.ts';
import { breakEven_gb_per_s } from './break-even.ts';
import type { Engine } from './engine.ts';
import type { Hosts } from './hosts.ts';
import type { LevelName } from './levels.ts';
import type { Sequence } from './sequence.ts';
import { Snapshots, trunkBytes } from './snapshot.ts';
import { leastOf, mean, sumOf } from './sums.ts';

export interface Played {
  readonly asked: Asked;
  readonly requests: Requests;
  readonly sequences: readonly Sequence[];
  readonly engines: readonly Engine[];
  readonly hosts: Hosts;
}

export function outcomeOf({ asked, requests, sequences, engines, hosts }: Played): Measurements {
  const { engine } = asked;
  const { ttft_ms, tpot_ms, latency_ms } = timesOf(sequences);
  const rising = {
    ttft: ttft_ms.slice().sort(),
    tpot: tpot_ms.slice().sort(),
    latency: latency_ms.slice().sort(),
  };
  const begin_ns = leastOf(sequences, ({ arrived_ns }) => arrived_ns);
  const end_ns = -leastOf(sequences, ({ done_ns }) => -done_ns);
  const elapsed_s = (end_ns - begin_ns) / ns_per_s;
  const output = sequences.reduce((sum, { output_tokens }) => sum + output_tokens, 0);
  const good = sequences.filter(
    (sequence) =>
      timeToFirst_ms(sequence) <= engine.ttft_objective_ms &&
      (sequence.output_tokens === 1 || timePerToken_ms(sequence) <= engine.tpot_objective_ms),
  );
  const schedulers = engines.map(({ scheduler }) => scheduler);
  const computed = sumOf(schedulers, (each) => each.computed_tokens);
  const found = sumOf(schedulers, (each) => each.found_tokens);
  const endless = endlessHitShare(requests);
  const round = forkRound(requests, sequences);
  return {
    ttft_ms: mean(ttft_ms),
    ttft_p50_ms: quantile(rising.ttft, 0.5),
    ttft_p90_ms: quantile(rising.ttft, 0.9),
    ...(tpot_ms.length > 0 && {
      tpot_ms: mean(tpot_ms),
      tpot_p50_ms: quantile(rising.tpot, 0.5),
      tpot_p90_ms: quantile(rising.tpot, 0.9),
    }),
    latency_ms: mean(latency_ms),
    latency_p50_ms: quantile(rising.latency, 0.5),
    latency_p90_ms: quantile(rising.latency, 0.9),
    requests_per_s: sequences.length / elapsed_s,
    tokens_per_s: output / elapsed_s,
    goodput_per_s: good.length / elapsed_s,
    found_share: found / (found + computed),
    recomputed_share: sumOf(schedulers, (each) => each.recomputed_tokens) / computed,
    ...(endless !== undefined && { endless_hit_share: endless }),
    preemptions: sumOf(schedulers, (each) => each.preempted),
    busy_share: sumOf(engines, (each) => each.busy_ns) / engines.length / (end_ns - begin_ns),
    kv_memory_mb:
      (sumOf(hosts.all, ({ memory }) => memory.most_blocks) * asked.block_bytes) / bytes_per_mb,
    ...(requests.agent && { exact_layer_share: exactShare(asked) }),
    ...round,
    ...(asked.workload.requests === 'agents' && {
      break_even_gb_per_s: breakEven_gb_per_s(
        asked.model,
        asked.gpu,
        engine.gpu_count,
        requests.input_tokens[0]!,
      ),
    }),
    ...ofSnapshots(asked, sequences, round),
    ...outsideGpus(asked, hosts, { found, prompts: found + computed }),
  };
}

/** What an engine's own state costs as a file, and its trunk's. */
function ofSnapshots(
  asked: Asked,
  sequences: readonly Sequence[],
  { fork_round_ms }: Measurements,
): Measurements {
  if (asked.mechanism.kept !== 'snapshot') return {};
  const boot_ms = Number(asked.settings['boot_s']) * 1000;
  const snapshots = new Snapshots(asked);
  const trunk = trunkBytes(asked, sequences[0]!.input_tokens);
  return {
    sleep_ms: snapshots.sleep_ns / ns_per_ms,
    wake_ms: snapshots.wake_ns / ns_per_ms,
    capture_ms: snapshots.capture_ns(trunk) / ns_per_ms,
    kv_restore_ms: snapshots.restore_ns(trunk) / ns_per_ms,
    hot_swap_ms: snapshots.swap_ns / ns_per_ms,
    ...(fork_round_ms !== undefined && { unpooled_round_ms: boot_ms + fork_round_ms }),
    ...(fork_round_ms !== undefined &&
      asked.settings['captured'] === false && {
        cold_round_ms: snapshots.boot_ms + latency_ms(sequences[0]!) + fork_round_ms,
      }),
  };
}

/** Below the first layer that adapters change, all agents have the same keys and values; those who share none are exact. */
function exactShare({ mechanism, settings, model }: Asked): number {
  if (mechanism.kept !== 'base-and-residual') return 1;
  return Math.min(1, Number(settings['adapted_from_layer']) / model.layers);
}

/** From the end of a trunk until all its branches have their first answers, mean over trunks. */
function forkRound({ follows }: Requests, sequences: readonly Sequence[]): Measurements {
  if (follows === undefined) return {};
  const rounds_ns = new Map<number, number>();
  for (const [index, trunk] of follows.entries()) {
    // Later turns follow branches, which follow a trunk.
    if (trunk === -1 || follows[trunk] !== -1) continue;
    const round_ns = sequences[index]!.done_ns - sequences[trunk]!.done_ns;
    rounds_ns.set(trunk, Math.max(rounds_ns.get(trunk) ?? 0, round_ns));
  }
  return rounds_ns.size === 0 ? {} : { fork_round_ms: mean([...rounds_ns.values()]) / ns_per_ms };
}

/** What was found below GPU memory, what lay there at most, and what went over links. */
function outsideGpus(
  { block_bytes }: Asked,
  { all, carried, stores }: Hosts,
  { found, prompts }: { readonly found: number; readonly prompts: number },
): Measurements {
  const levels = all.flatMap(({ levels: own }) => own ?? []);
  if (levels.length === 0) return {};
  const each = levels.flatMap(({ all: below }) => below);
  const share = (name: LevelName) =>
    each.some((level) => level.name === name) && {
      [`found_${name}_share`]:
        sumOf(each, (level) => (level.name === name ? level.found_tokens : 0)) / prompts,
    };
  const held = (name: LevelName, metric: MetricName) => {
    const own = stores.filter((store) => store.name === name);
    const blocks = sumOf(own, ({ store }) => store.most_held);
    return own.length > 0 && { [metric]: (blocks * block_bytes) / bytes_per_mb };
  };
  const below = sumOf(each, ({ found_tokens }) => found_tokens);
  return {
    found_gpu_share: Math.max(0, found - below) / prompts,
    ...share('dram'),
    ...share('peer'),
    ...share('cxl'),
    ...share('nvme'),
    ...held('dram', 'host_kv_mb'),
    ...held('cxl', 'cxl_memory_mb'),
    ...held('nvme', 'nvme_kv_mb'),
    gpu_link_bytes: sumOf(levels, ({ gpu_link }) => gpu_link.read_bytes + gpu_link.write_bytes),
    ...carried?.(),
  };
}

interface Times {
  readonly ttft_ms: Float64Array;
  /** Of requests with several tokens. */
  readonly tpot_ms: Float64Array;
  readonly latency_ms: Float64Array;
}

/** Of all requests, in their order. */
export function timesOf(sequences: readonly Sequence[]): Times {
  const several = sequences.filter(({ output_tokens }) => output_tokens > 1);
  return {
    ttft_ms: Float64Array.from(sequences, timeToFirst_ms),
    tpot_ms: Float64Array.from(several, timePerToken_ms),
    latency_ms: Float64Array.from(sequences, latency_ms),
  };
}

function latency_ms({ done_ns, arrived_ns }: Sequence): number {
  return (done_ns - arrived_ns) / ns_per_ms;
}

function timeToFirst_ms({ first_token_ns, arrived_ns }: Sequence): number {
  return (first_token_ns - arrived_ns) / ns_per_ms;
}

function timePerToken_ms({ done_ns, first_token_ns, output_tokens }: Sequence): number {
  return (done_ns - first_token_ns) / (output_tokens - 1) / ns_per_ms;
}
