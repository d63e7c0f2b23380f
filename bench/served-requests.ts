/**
 * Requests that scenario service serves on one node, by rules that the C program has, too. As a program of its own it tells
 * what serving so many takes, and the most memory that it holds: `served-requests.ts REQUESTS`.
 */

import { fileURLToPath } from 'node:url';
import fixedTtl from '../policies/keep-alive/fixed-ttl.ts';
import leastLoaded from '../policies/routing/least-loaded.ts';
import { presetFabric } from '../sim/experiment/find-fabric.ts';
import type { KeepAlive } from '../sim/keep-alive.ts';
import { valuesOf } from '../sim/parameters.ts';
import { randomStream } from '../sim/random.ts';
import type { Routing } from '../sim/routing.ts';
import { Arrivals } from '../sim/scenarios/cluster/arrivals/arrivals.ts';
import { serviceParameters } from '../sim/scenarios/service/parameters.ts';
import { nothing } from '../sim/scenarios/service/phase.ts';
import { Service } from '../sim/scenarios/service/service.ts';
import type { FunctionCosts } from '../sim/scenarios/service/start.ts';
import { type Timing, time } from './comparison.ts';
import { xorshift } from './random.ts';

export const functions = 100;
export const cores = 64;
export const mean_gap_ns = 1_000_000;
export const keep_minutes = 1;

const fabric = presetFabric('cxlfork-testbed');
const node = { ...fabric.node, cores, local: { ...fabric.node.local, capacity_mb: 1e6 } };
const settings = valuesOf(serviceParameters, {
  container_ms: 0,
  shell_kb: 0,
  most_waiting: 1e7,
  timeout_s: 86_400,
});

function hosted<P extends KeepAlive | Routing>(policy: P, values: object = {}) {
  const given = valuesOf(policy.parameters ?? {}, values as never);
  return { name: 'own', policy, values: given };
}

/** What each invocation reads of the device, and how many latencies it waits for that; more load has these take longer. */
export interface Reads {
  readonly read_bytes: number;
  readonly lines: number;
}

export const no_reads: Reads = { read_bytes: 0, lines: 0 };

function costsOf(of: number, reads: Reads): FunctionCosts {
  const warm = { ...nothing, fixed_ns: 5e6 + ((of * 7919) % 90) * 1e6, ...reads };
  return {
    name: `function ${of}`,
    cold: {
      restore: { ...nothing, fixed_ns: 1e8 + (of % 10) * 1e7 },
      first: warm,
      warm,
      faults_ns: 0,
      local_bytes: 2 ** 20,
      leans_on_device: reads.read_bytes > 0,
    },
  };
}

class Drawn extends Arrivals {
  readonly #random = xorshift();
  #left: number;

  constructor(requests: number) {
    super();
    this.#left = requests;
    this.at_ns = 0;
  }

  next(): boolean {
    this.#left -= 1;
    if (this.#left < 0) return false;
    this.at_ns += this.#below(2 * mean_gap_ns);
    this.of = Math.min(this.#below(functions), this.#below(functions));
    return true;
  }

  /** Whole numbers of 32 bits, the remainder, too: an instruction for the compiler, and no function. */
  #below(limit: number): number {
    return ((this.#random() >>> 0) % (limit >>> 0)) >>> 0;
  }
}

function serviceFor(requests: number, reads: Reads): Service {
  return new Service({
    fabric: { ...fabric, nodes: 1, node },
    functions: Array.from({ length: functions }, (_, of) => costsOf(of, reads)),
    source: { functions: [], arrivals: () => new Drawn(requests) },
    clones_into_shell: true,
    settings,
    hosts: {
      keep_alive: hosted(fixedTtl as KeepAlive, { minutes: keep_minutes }),
      routing: hosted(leastLoaded as Routing),
      ask: (part) => part(),
    },
    random: (what) => randomStream(1, what),
    warm_up_s: 0,
    duration_s: (requests * mean_gap_ns) / 1e9,
  });
}

/**
 * Some that has served few requests, on the device and off it: once nothing of a class is left, V8 forgets what it has learnt
 * of it and throws compiled code away, and each round would be a first one.
 */
export const kept = [no_reads, { read_bytes: 1, lines: 1 }].map((reads) => {
  const service = serviceFor(1000, reads);
  service.run();
  return service;
});

export function serve(requests: number, reads: Reads): Timing {
  const service = serviceFor(requests, reads);
  return time(requests, () => {
    service.run();
    const { latencies_ns, made } = service.ledger;
    let sum = made.cold;
    for (let index = 0; index < latencies_ns.length; index += 1) sum += latencies_ns[index]!;
    return sum;
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const timing = serve(Number(process.argv[2]), no_reads);
  // In units of 1024 bytes.
  const most_bytes = process.resourceUsage().maxRSS * 1024;
  console.log(JSON.stringify({ ...timing, most_bytes }));
}
