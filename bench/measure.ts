/**
 * Runs ours and the baseline in turn, several times, so that whatever else the machine does hits
 * both, and takes medians: of the rates, and of the ratios of each turn.
 */

import { median } from 'simple-statistics';
import type { Baseline, Comparison, Timing } from './comparison.ts';

export interface Outcome {
  readonly name: string;
  readonly operations: string;
  /** In million operations a second of processor time. */
  readonly rate: number;
  readonly baseline?: ComparedBaseline;
  readonly target_ratio?: number;
  readonly target_rate?: number;
  readonly target_bytes?: number;
  readonly most_bytes?: number;
  /** Whether all targets are reached; `undefined` where there are none, or none can be judged. */
  readonly met: boolean | undefined;
}

type ComparedBaseline =
  | { readonly name: string; readonly rate: number; readonly ratio: number }
  | { readonly name: string; readonly missing: string };

export function measure(comparison: Comparison, rounds: number): Outcome {
  const { run, baseline, is_long = false, ...declared } = comparison;
  const ours: number[] = [];
  const theirs: number[] = [];
  let most_bytes: number | undefined;
  // The first round warms up caches and compiler, and does not count.
  for (let round = is_long ? 0 : -1; round < (is_long ? 1 : rounds); round++) {
    const own = run();
    const other = baseline !== undefined && 'run' in baseline ? baseline.run() : undefined;
    if (other !== undefined) assertSameWork(comparison.name, own, other);
    if (round < 0) continue;
    ours.push(rateOf(own));
    if (own.most_bytes !== undefined) most_bytes = Math.max(most_bytes ?? 0, own.most_bytes);
    if (other !== undefined) theirs.push(rateOf(other));
  }
  const rate = median(ours);
  const compared = baseline && compare(baseline, ours, theirs);
  return {
    ...declared,
    rate,
    ...(compared && { baseline: compared }),
    ...(most_bytes !== undefined && { most_bytes }),
    met: verdict(comparison, rate, compared, most_bytes),
  };
}

function assertSameWork(name: string, own: Timing, other: Timing): void {
  if (own.operations === other.operations && own.checksum === other.checksum) return;
  throw new Error(
    `${name}: ours does ${own.operations} operations and comes to ${own.checksum}, the baseline ` +
      `${other.operations} and ${other.checksum}; the same work is needed for a comparison`,
  );
}

function rateOf(timing: Timing): number {
  return (timing.operations / timing.cpu_ns) * 1e3;
}

function compare(baseline: Baseline, ours: number[], theirs: number[]): ComparedBaseline {
  if ('missing' in baseline) return baseline;
  const ratio = median(ours.map((own, round) => own / theirs[round]!));
  return { name: baseline.name, rate: median(theirs), ratio };
}

function verdict(
  { target_ratio, target_rate, target_bytes }: Comparison,
  rate: number,
  compared: ComparedBaseline | undefined,
  most_bytes: number | undefined,
): boolean | undefined {
  const judged: boolean[] = [];
  if (target_rate !== undefined) judged.push(rate >= target_rate);
  if (target_ratio !== undefined && compared !== undefined && 'ratio' in compared) {
    judged.push(compared.ratio >= target_ratio);
  }
  if (target_bytes !== undefined && most_bytes !== undefined) {
    judged.push(most_bytes <= target_bytes);
  }
  return judged.length === 0 ? undefined : judged.every((reached) => reached);
}
