/**
 * `npm run bench [-- CASE…] [--rounds N] [--long] [--json]`: every case in `bench/cases/`, or those named;
 * with `--long` also what takes minutes.
 *
 * Ratios against a baseline in the same run carry over to other machines, rates do not. A target
 * that is missed is said, and is no failure.
 */

import { readdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import type { Comparison, Growth } from './comparison.ts';
import { describeGrowth, type GrowthOutcome, measureGrowth } from './growth.ts';
import { measure, type Outcome } from './measure.ts';

interface Options {
  readonly cases: readonly string[];
  readonly rounds: number;
  readonly long: boolean;
  readonly json: boolean;
}

const cases_url = new URL('cases/', import.meta.url);

function readOptions(args: string[]): Options {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '5' },
      long: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const rounds = Number(values.rounds);
  if (!(Number.isInteger(rounds) && rounds >= 1)) {
    throw new TypeError(`--rounds ${values.rounds} is not a number of rounds; 1 or more is`);
  }
  const found = readdirSync(cases_url)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -'.ts'.length))
    .sort();
  const unknown = positionals.find((name) => !found.includes(name));
  if (unknown !== undefined) {
    throw new TypeError(`no case named ${unknown}; found ${found.join(', ')} (bench/cases/)`);
  }
  const { long, json } = values;
  return { cases: positionals.length > 0 ? positionals : found, rounds, long, json };
}

function describeMachine() {
  const cores = cpus();
  return { cpu: cores[0]?.model.trim() ?? 'unknown', cores: cores.length, node: process.version };
}

/** Below it, millions say nothing. */
const slow_rate = 0.01;

function rounded(rate: number): string {
  return rate.toFixed(rate < 10 ? 2 : 1);
}

function percent(ratio: number): string {
  return ratio < 0.1
    ? `${(100 * ratio).toFixed(1)} %`
    : ratio < 2
      ? `${Math.round(ratio * 100)} %`
      : `${ratio.toFixed(1)} times`;
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}

function describe(outcome: Outcome): string {
  const rate = (of: number) =>
    of < slow_rate ? `${rounded(1e6 * of)} ${outcome.operations}/s` : `${rounded(of)} M/s`;
  const own =
    outcome.rate < slow_rate
      ? rate(outcome.rate)
      : `${rounded(outcome.rate)} M ${outcome.operations}/s`;
  const parts = [`  ${outcome.name}: ${own}`];
  const { baseline, target_ratio, target_rate, met } = outcome;
  if (baseline !== undefined && 'missing' in baseline) {
    parts.push(`not compared with ${baseline.name}: ${baseline.missing}`);
  } else if (baseline !== undefined) {
    parts.push(`${percent(baseline.ratio)} of ${baseline.name} (${rate(baseline.rate)})`);
  }
  const { most_bytes, target_bytes } = outcome;
  if (most_bytes !== undefined) parts.push(`at most ${megabytes(most_bytes)} held`);
  const targets: string[] = [];
  if (target_ratio !== undefined) targets.push(`≥ ${percent(target_ratio)}`);
  if (target_rate !== undefined) targets.push(`≥ ${target_rate} M/s`);
  if (target_bytes !== undefined) targets.push(`≤ ${megabytes(target_bytes)}`);
  if (targets.length > 0) {
    const verdict = met === undefined ? 'not judged' : met ? 'met' : 'MISSED';
    parts.push(`target ${targets.join(' and ')}: ${verdict}`);
  }
  return parts.join('; ');
}

async function bench({ cases, rounds, long, json }: Options): Promise<void> {
  const machine = describeMachine();
  const say = (line: string) => json || console.log(line);
  say(`${machine.cpu}, ${machine.cores} cores, Node ${machine.node}`);
  say(`medians of ${rounds} rounds, ours and the baseline in turn`);
  const outcomes: ((Outcome | GrowthOutcome) & { case: string })[] = [];
  let left_out = 0;
  for (const name of cases) {
    say(`\n${name}`);
    const { default: comparisons, growths = [] } = (await import(
      new URL(`${name}.ts`, cases_url).href
    )) as { default: readonly Comparison[]; growths?: readonly Growth[] };
    for (const comparison of comparisons) {
      if (comparison.is_long && !long) {
        left_out += 1;
        continue;
      }
      const outcome = measure(comparison, rounds);
      outcomes.push({ case: name, ...outcome });
      say(describe(outcome));
    }
    for (const growth of growths) {
      const outcome = measureGrowth(growth, rounds);
      outcomes.push({ case: name, ...outcome });
      say(describeGrowth(outcome));
    }
  }
  if (left_out > 0) say(`\nnot run, since they take minutes: ${left_out}; --long runs them, too`);
  if (json) console.log(JSON.stringify({ machine, rounds, outcomes }, null, 2));
}

let options: Options | undefined;
try {
  options = readOptions(process.argv.slice(2));
} catch (error) {
  console.error(`bench: ${(error as Error).message}`);
  process.exitCode = 2;
}
if (options !== undefined) await bench(options);
