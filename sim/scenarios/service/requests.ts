/** Where a trial's requests come from, and which functions are asked for: its workloads, or those that a trace tells of. */

import type { ServiceSettings } from '../../backend.ts';
import { Simulation } from '../../engine/simulation.ts';
import { MemoryDevice } from '../../fabric/memory-device.ts';
import type { FabricSettings } from '../../fabric/settings.ts';
import type { Measurements } from '../../metrics.ts';
import { bytes_per_mb, ns_per_ms, ns_per_s } from '../../units.ts';
import type { ArrivalSource } from '../cluster/arrivals/arrivals.ts';
import { MappedArrivals } from '../cluster/arrivals/mapped-arrivals.ts';
import { type Candidate, mapFunctions } from '../cluster/arrivals/mapping.ts';
import { PartOf } from '../cluster/arrivals/part-of.ts';
import { arrivalSources } from '../cluster/arrivals/registry.ts';
import { DeviceShare } from './device-share.ts';
import type { ServiceHosts } from './hosts.ts';
import type { FunctionCosts } from './start.ts';

export interface Requests {
  readonly functions: readonly FunctionCosts[];
  readonly source: ArrivalSource;
  readonly warm_up_s: number;
  readonly duration_s: number;
  /** What no workload stands for, where a trace says. */
  readonly unmapped: Measurements;
}

/** Workloads as functions of traces are mapped to them: warm, in local memory. */
export function candidatesOf(
  workloads: readonly FunctionCosts[],
  { cxl }: FabricSettings,
): Candidate[] {
  const device = new DeviceShare(new MemoryDevice(new Simulation(), cxl));
  return workloads.map(({ name, cold }) => ({
    name,
    duration_ms: device.lone_ns(cold.warm) / ns_per_ms,
    memory_mb: cold.local_bytes / bytes_per_mb,
  }));
}

/** Long enough for all of a burst to be told of over time. */
const burst_s = 60;

/** How long requests come. */
export function lengthOf({ arrivals, recorded }: ServiceSettings): number {
  return recorded?.until_s ?? (arrivals.source === 'burst' ? burst_s : arrivals.duration_s);
}

export function requestsOf(
  settings: ServiceSettings,
  hosts: ServiceHosts,
  workloads: readonly FunctionCosts[],
  fabric: FabricSettings,
): Requests {
  const { arrivals, recorded } = settings;
  if (recorded === undefined) {
    const names = workloads.map(({ name }) => name);
    const is_burst = arrivals.source === 'burst';
    return {
      functions: workloads,
      source: arrivalSources[arrivals.source]!.make(names, arrivals),
      warm_up_s: is_burst ? 0 : arrivals.warm_up_s,
      duration_s: lengthOf(settings),
      unmapped: {},
    };
  }
  const { facts, source, rule } = hosts.recorded!;
  const { workload_of, unmapped } = mapFunctions(facts, candidatesOf(workloads, fabric), rule);
  const window = { from_ns: 0, length_ns: recorded.until_s * ns_per_s, share: 1 };
  const mapped = new MappedArrivals(new PartOf(source, window), workload_of);
  return {
    functions: mapped.functions.map((name, index) => ({
      ...workloads[mapped.workload_of[index]!]!,
      name,
    })),
    source: mapped,
    warm_up_s: arrivals.warm_up_s,
    duration_s: recorded.until_s,
    unmapped: {
      unmapped_requests_share: unmapped.invocations_share,
      ...(unmapped.time_share !== undefined && { unmapped_time_share: unmapped.time_share }),
    },
  };
}
