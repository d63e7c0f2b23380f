/**
 * A node that serves requests: arrivals, instances kept for a fixed time, a line for its cores, accounting over time.
 * Against a C program by the same rules. Where phases move bytes, all share a device along its load curve.
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile } from '../c-program.ts';
import type { Baseline, Comparison, Growth, Timing } from '../comparison.ts';
import {
  cores,
  functions,
  keep_minutes,
  mean_gap_ns,
  no_reads,
  type Reads,
  serve,
} from '../served-requests.ts';
import { start } from '../start.ts';

const program = compile('service.c');

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
    const { checksum: _, ...timing } = serve(requests, no_reads);
    return timing;
  };
  return { name: 'the same without contention', run };
}

function onOneDevice(how: string, reads: Reads): Comparison {
  const requests = 300_000;
  return {
    name: `${requests} requests, ${how}`,
    operations: 'requests',
    run: () => {
      const { checksum: _, ...timing } = serve(requests, reads);
      return timing;
    },
    baseline: withoutContention(requests),
    target_ratio: 0.3,
  };
}

const read_bytes = 4 * 2 ** 20;

const folder = mkdtempSync(join(tmpdir(), 'cxlsim-bench-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

/** What `experiments/porter-azure.yaml` serves, all eight hours of it in one trial. */
function eightHours(): Timing {
  const experiment = join(folder, 'eight-hours.yaml');
  const out = join(folder, 'results');
  writeFileSync(experiment, eight_hours);
  const command = fileURLToPath(new URL('../../sim/cli/cxlsim.cjs', import.meta.url));
  const { cpu_ns } = start([command, 'run', experiment, '--out', out, '--jobs', '1']);
  const rows = readFileSync(join(out, 'measurements.csv'), 'utf8');
  const operations = Number(/,requests,(\d+)$/m.exec(rows)![1]);
  rmSync(out, { recursive: true });
  return { operations, cpu_ns };
}

const eight_hours = `question: What do eight hours take?
scenario: service
mechanisms: [cxlfork]
policies: [migrate-on-write]
workloads: [float, linpack, json, pyaes, chameleon, html, cnn, rnn, bfs, bert]
fabric: cxlfork-testbed
keep_alive: [fixed-ttl]
routing: [locality]
arrivals: { source: azure-2019-500, duration_s: 28800, warm_up_s: 0 }
sweep: { fabric.node.local.capacity_mb: [65536] }
seed: 1
`;

const comparisons: Comparison[] = [
  ...[100_000, 1_000_000].map((requests) => ({
    name: `${requests} requests`,
    operations: 'requests',
    run: () => serve(requests, no_reads),
    baseline: inC(requests),
    target_ratio: 0.4,
  })),
  onOneDevice('all on one device', { read_bytes, lines: 0 }),
  // As many latencies as pages: whoever begins or ends has all others take longer or shorter.
  onOneDevice('all on one device and waiting for its lines', {
    read_bytes,
    lines: read_bytes / 4096,
  }),
  {
    name: '10000000 requests',
    operations: 'requests',
    run: () => apart(10_000_000),
    baseline: inC(10_000_000),
    target_ratio: 0.4,
    target_bytes: 1e9,
    is_long: true,
  },
  {
    name: 'eight hours of 500 functions of Azure, from the command to its results',
    operations: 'requests',
    run: eightHours,
    // 3.04 million in 5 s.
    target_rate: 0.608,
    is_long: true,
  },
];

/** In a process of its own, whose memory is that of these requests alone. */
function apart(requests: number): Timing {
  const script = fileURLToPath(new URL('../served-requests.ts', import.meta.url));
  const args = ['--import', 'tsx', script, String(requests)];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
}

export const growths: Growth[] = [
  {
    name: 'growth with the number of requests',
    operations: 'requests',
    sizes: [100_000, 400_000, 1_600_000],
    run: (requests) => serve(requests, no_reads),
  },
];

export default comparisons;
