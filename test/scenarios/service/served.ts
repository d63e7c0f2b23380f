/** A cluster that serves made-up functions, whose costs are given and not worked out. */

import fixedTtl from '../../../policies/keep-alive/fixed-ttl.ts';
import leastLoaded from '../../../policies/routing/least-loaded.ts';
import type { KeepAlive } from '../../../sim/keep-alive.ts';
import { valuesOf } from '../../../sim/parameters.ts';
import { type RandomStream, randomStream } from '../../../sim/random.ts';
import type { Routing } from '../../../sim/routing.ts';
import {
  type Arrival,
  type ArrivalSource,
  Told,
} from '../../../sim/scenarios/cluster/arrivals/arrivals.ts';
import { outcomeOf } from '../../../sim/scenarios/service/outcome.ts';
import { serviceParameters } from '../../../sim/scenarios/service/parameters.ts';
import { nothing, type Phase } from '../../../sim/scenarios/service/phase.ts';
import { Service, type ServiceInput } from '../../../sim/scenarios/service/service.ts';
import type { FunctionCosts, Start } from '../../../sim/scenarios/service/start.ts';
import { two_nodes } from '../../arbitraries.ts';

export const ms = 1e6;
export const second = 1e9;

export function computing(ms_each: number): Phase {
  return { ...nothing, fixed_ns: ms_each * ms };
}

/** Starts in no time, computes, and holds so much. */
export function startOf(warm_ms: number, local_bytes = 0, parts: Partial<Start> = {}): Start {
  return {
    restore: nothing,
    first: computing(warm_ms),
    warm: computing(warm_ms),
    faults_ns: 0,
    local_bytes,
    leans_on_device: false,
    ...parts,
  };
}

export function functionOf(parts: Partial<FunctionCosts> = {}): FunctionCosts {
  return { name: 'made-up', cold: startOf(1), ...parts };
}

export function hosted<P extends KeepAlive | Routing>(policy: P, values: object = {}) {
  const given = valuesOf(policy.parameters ?? {}, values as never);
  return { name: 'own', policy, values: given };
}

export interface Served {
  readonly nodes?: number;
  readonly cores?: number;
  readonly capacity_mb?: number;
  readonly functions?: readonly FunctionCosts[];
  readonly source: ArrivalSource;
  readonly keep_alive?: ReturnType<typeof hosted<KeepAlive>>;
  readonly routing?: ReturnType<typeof hosted<Routing>>;
  readonly settings?: Readonly<Record<string, number | string>>;
  readonly seed?: number;
  readonly parts?: Partial<ServiceInput>;
}

export function serviceOf(asked: Served): Service {
  const { nodes = 1, cores = 1, capacity_mb = 1024, functions = [functionOf()], seed = 1 } = asked;
  const { node } = two_nodes;
  const settings = { container_ms: 0, ghosts: 0, shell_kb: 0, ...asked.settings };
  return new Service({
    fabric: {
      ...two_nodes,
      nodes,
      node: { ...node, cores, local: { ...node.local, capacity_mb } },
    },
    functions,
    source: asked.source,
    clones_into_shell: true,
    settings: valuesOf(serviceParameters, settings),
    hosts: {
      keep_alive: asked.keep_alive ?? hosted(fixedTtl as KeepAlive),
      routing: asked.routing ?? hosted(leastLoaded as Routing),
      ask: (part) => part(),
    },
    random: (what) => randomStream(seed, what),
    warm_up_s: 0,
    duration_s: 100,
    ...asked.parts,
  });
}

export function served(asked: Served) {
  const service = serviceOf(asked);
  service.run();
  return { ...outcomeOf(service), service };
}

/** So many requests of one function, independent of one another; `duration_ms` draws what each computes. */
export function queueOf(
  count: number,
  rate_per_s: number,
  duration_ms: (uniform: () => number) => number,
): ArrivalSource {
  function* all(random: RandomStream): Generator<Arrival> {
    let at_s = 0;
    for (let index = 0; index < count; index += 1) {
      at_s += -Math.log(1 - random.uniform()) / rate_per_s;
      const duration_ns = duration_ms(() => random.uniform()) * ms;
      yield { at_ns: Math.floor(at_s * second), of: 0, duration_ns };
    }
  }
  return { functions: ['made-up'], arrivals: (random) => new Told(all(random)) };
}

export function exponential(mean: number): (uniform: () => number) => number {
  return (uniform) => -Math.log(1 - uniform()) * mean;
}

/** Requests at these times, of these functions. */
export function listed(times: readonly (readonly [at_s: number, of: number])[]): ArrivalSource {
  return {
    functions: [...new Set(times.map(([, of]) => `function ${of}`))],
    arrivals: () => new Told(times.map(([at_s, of]) => ({ at_ns: Math.round(at_s * second), of }))),
  };
}
