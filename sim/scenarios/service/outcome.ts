/** What a cluster that served requests measured, as metrics and series. */

import type { Measured } from '../../backend.ts';
import type { Measurements } from '../../metrics.ts';
import { quantile } from '../../quantile.ts';
import type { Points, SeriesOf } from '../../series.ts';
import { bytes_per_mb, ns_per_ms, ns_per_s } from '../../units.ts';
import { byDecile } from './deciles.ts';
import type { Ledger } from './ledger.ts';
import type { Service } from './service.ts';

/** What nobody was served of is absent. */
export function outcomeOf(service: Service): Measured {
  const { ledger, store, device, nodes } = service;
  const { counted, made } = ledger;
  const latencies_ns = ledger.latencies_ns.slice().sort();
  const seconds = ledger.counted_ns / ns_per_s;
  const forks = made.fork;
  const measurements: Measurements = {
    requests: counted.served + counted.dropped + counted['timed out'] + counted.broken,
    ...(counted.served > 0 && ofRequests(ledger, latencies_ns)),
    ...(forks > 0 && { promoted_share: made.promoted / forks }),
    dropped: counted.dropped,
    timed_out: counted['timed out'],
    broken: counted.broken,
    broken_children: ledger.children_broken,
    checkpoints_reclaimed: store.reclaimed,
    ...(seconds > 0 && { forks_per_s: forks / seconds, ...overTime(ledger, seconds) }),
    ...(seconds > 0 && {
      cores_used_share:
        ledger.sums.cores / ledger.counted_ns / nodes.reduce((sum, { cores }) => sum + cores, 0),
      device_used_share: device.used_ns / ledger.last_ns,
    }),
    local_memory_most_mb: ledger.most.local_bytes / bytes_per_mb,
    instances_most: ledger.most.instances,
  };
  return { measurements, series: seriesOf(service, latencies_ns) };
}

/** `latencies` of all that were served, in rising order. */
function ofRequests(ledger: Ledger, latencies: Float64Array): Measurements {
  const { stages_ns, started_by, counted, sums } = ledger;
  const served = counted.served;
  const slowdowns = ledger.slowdowns.slice().sort();
  const each_ms = (sum_ns: number) => sum_ns / served / ns_per_ms;
  const mb_s = (sum: number) => sum / ns_per_s / bytes_per_mb / served;
  return {
    latency_ms: mean(latencies) / ns_per_ms,
    latency_p50_ms: quantile(latencies, 0.5) / ns_per_ms,
    latency_p99_ms: quantile(latencies, 0.99) / ns_per_ms,
    latency_p999_ms: quantile(latencies, 0.999) / ns_per_ms,
    slowdown: mean(slowdowns),
    slowdown_p50: quantile(slowdowns, 0.5),
    slowdown_p99: quantile(slowdowns, 0.99),
    slowdown_p999: quantile(slowdowns, 0.999),
    cold_start_share: started_by.cold / served,
    cold_start_p75_share: quantile(coldSharesOf(ledger), 0.75),
    fork_share: started_by.fork / served,
    wait_ms: each_ms(stages_ns.wait),
    shell_ms: each_ms(stages_ns.shell),
    start_ms: each_ms(stages_ns.restore),
    run_faults_ms: each_ms(stages_ns.faults),
    run_ms: each_ms(stages_ns.execution),
    local_mb_s_per_request: mb_s(sums.local_bytes),
    idle_mb_s_per_request: mb_s(sums.idle_bytes),
  };
}

/** In rising order, of functions that were asked for. */
function coldSharesOf({ served_of, cold_of }: Ledger): Float64Array {
  const shares: number[] = [];
  for (const [of, count] of served_of.entries()) if (count > 0) shares.push(cold_of[of]! / count);
  return Float64Array.from(shares).sort();
}

function overTime({ sums }: Ledger, seconds: number): Measurements {
  const each = (sum: number) => sum / ns_per_s / seconds;
  return {
    local_memory_mean_mb: each(sums.local_bytes) / bytes_per_mb,
    idle_memory_mean_mb: each(sums.idle_bytes) / bytes_per_mb,
    cxl_memory_mean_mb: each(sums.cxl_bytes) / bytes_per_mb,
    instances_mean: each(sums.instances),
    in_system_mean: each(sums.in_system),
  };
}

function seriesOf({ ledger, timeline }: Service, latencies: Float64Array): SeriesOf {
  if (latencies.length === 0) return timeline.series;
  return {
    latency_quantile_ms: per_mille.map((at) => [at, quantile(latencies, at / 1000) / ns_per_ms]),
    ...byFunction(ledger),
    ...byDecile(ledger),
    ...timeline.series,
  };
}

/** Finer where few requests are left. */
const per_mille = Array.from({ length: 1000 }, (_, index) => index + 1).filter(
  (at) => at % 10 === 0 || at > 980,
);

function byFunction({ latencies_ns, of, served_of }: Ledger): SeriesOf {
  const grouped = new Float64Array(of.length);
  /** Where the next one of each function is put. */
  const next = new Uint32Array(served_of.length);
  for (let each = 1; each < next.length; each += 1)
    next[each] = next[each - 1]! + served_of[each - 1]!;
  for (let index = 0; index < of.length; index += 1) {
    const own = of[index]!;
    grouped[next[own]!] = latencies_ns[index]!;
    next[own]! += 1;
  }
  const sorted: (readonly [at: number, latencies: Float64Array])[] = [];
  for (const [at, count] of served_of.entries()) {
    if (count > 0) sorted.push([at, grouped.subarray(next[at]! - count, next[at]).sort()]);
  }
  const points = (share: number): Points =>
    sorted.map(([at, held]) => [at, quantile(held, share) / ns_per_ms]);
  return { function_p50_ms: points(0.5), function_p99_ms: points(0.99) };
}

function mean(values: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < values.length; index += 1) sum += values[index]!;
  return sum / values.length;
}
