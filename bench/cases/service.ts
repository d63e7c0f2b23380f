/**
 * A node that serves requests: arrivals, instances kept for a fixed time, a line for its cores, accounting over time.
 * Against a C program by the same rules. Where phases move bytes, all share a device along its load curve.
 */

import fixedTtl from '../../policies/keep-alive/fixed-ttl.ts';
import leastLoaded from '../../policies/routing/least-loaded.ts';
import { presetFabric } from '../../sim/experiment/find-fabric.ts';
import type { KeepAlive } from '../../sim/keep-alive.ts';
import { valuesOf } from '../../sim/parameters.ts';
import { randomStream } from '../../sim/random.ts';
import type { Routing } from '../../sim/routing.ts';
import type { ArrivalSource } from '../../sim/scenarios/cluster/arrivals/arrivals.ts';
import type { FunctionCosts } from '../../sim/scenarios/service/start.ts';
import { serviceParameters } from '../../sim/scenarios/service/parameters.ts';
import { nothing } from '../../sim/scenarios/service/phase.ts';
import { Service } from '../../sim/scenarios/service/service.ts';
import { compile } from '../c-program.ts';
import { type Baseline, type Comparison, type Timing, time } from '../comparison.ts';
import { xorshift } from '../random.ts';

const functions = 100;
const cores = 64;
const mean_gap_ns = 1_000_000;
const keep_minutes = 1;
const program = compile('service.c');

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

/** `read_bytes` of the device are read by each invocation. */
function costsOf(of: number, read_bytes: number): FunctionCosts {
  const warm = { ...nothing, fixed_ns: 5e6 + ((of * 7919) % 90) * 1e6, read_bytes };
  return {
    name: `function ${of}`,
    cold: {
      restore: { ...nothing, fixed_ns: 1e8 + (of % 10) * 1e7 },
      first: warm,
      warm,
      faults_ns: 0,
      local_bytes: 2 ** 20,
      leans_on_device: read_bytes > 0,
    },
  };
}

function sourceOf(requests: number): ArrivalSource {
  return {
    functions: [],
    *arrivals() {
      const random = xorshift();
      let at_ns = 0;
      for (let index = 0; index < requests; index += 1) {
        at_ns += random() % (2 * mean_gap_ns);
        yield { at_ns, of: Math.min(random() % functions, random() % functions) };
      }
    },
  };
}

export function serve(requests: number, read_bytes: number): Timing {
  const service = new Service({
    fabric: { ...fabric, nodes: 1, node },
    functions: Array.from({ length: functions }, (_, of) => costsOf(of, read_bytes)),
    source: sourceOf(requests),
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
  return time(requests, () => {
    service.run();
    const { latencies_ns, made } = service.ledger;
    let sum = made.cold;
    for (const latency_ns of latencies_ns) sum += latency_ns;
    return sum;
  });
}

function inC(requests: number): Baseline {
  const name = 'a C program by the same rules';
  if ('missing' in program) return { name, missing: program.missing };
  const args = [requests, functions, cores, mean_gap_ns, keep_minutes * 60e9].map(String);
  const run = () => {
    const [cpu_ns, checksum] = program
      .run(...args)
      .split(' ')
      .map(Number);
    return { operations: requests, cpu_ns: cpu_ns!, checksum: checksum! };
  };
  return { name, run };
}

/** The same requests whose executions read nothing of the device. */
function withoutContention(requests: number): Baseline {
  const run = () => {
    const { checksum: _, ...timing } = serve(requests, 0);
    return timing;
  };
  return { name: 'the same without contention', run };
}

const comparisons: Comparison[] = [
  ...[100_000, 1_000_000].map((requests) => ({
    name: `${requests} requests`,
    operations: 'requests',
    run: () => serve(requests, 0),
    baseline: inC(requests),
    target_ratio: 0.4,
  })),
  {
    name: '300000 requests, all on one device',
    operations: 'requests',
    run: () => {
      const { checksum: _, ...timing } = serve(300_000, 4 * 2 ** 20);
      return timing;
    },
    baseline: withoutContention(300_000),
    target_ratio: 0.3,
  },
];

export default comparisons;
