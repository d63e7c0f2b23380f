/**
 * What a benchmark case declares: work of ours, and a baseline that does the same work.
 *
 * A case is one file in `bench/cases/` whose default export is a list of comparisons.
 */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * One timed piece of work. The time is processor time of the whole process, its compiler and
 * garbage collector included: unlike the clock on the wall, it does not count other programs.
 */
export interface Timing {
  readonly operations: number;
  readonly cpu_ns: number;
  /** What the work came to, where ours and the baseline's must come to the same. */
  readonly checksum?: number;
  /** The most memory that the process held, where that is measured. */
  readonly most_bytes?: number;
}

/** What ours is held against; or why it cannot be run here, and then only our own rate is shown. */
export type Baseline =
  | { readonly name: string; readonly run: () => Timing }
  | { readonly name: string; readonly missing: string };

export interface Comparison {
  readonly name: string;
  /** What is counted, in the plural: rates are in million operations a second. */
  readonly operations: string;
  readonly run: () => Timing;
  readonly baseline?: Baseline;
  /** The least share of the baseline's rate that is wanted. */
  readonly target_ratio?: number;
  /** The least rate that is wanted, in million operations a second; depends on the machine. */
  readonly target_rate?: number;
  /** The most memory that the work may hold. */
  readonly target_bytes?: number;
  /** Takes minutes: it is run where `--long` asks for it, in one round without another to warm up. */
  readonly is_long?: boolean;
}

/** The same work of several sizes, in rising order. */
export interface Growth {
  readonly name: string;
  readonly operations: string;
  readonly sizes: readonly number[];
  readonly run: (size: number) => Timing;
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/**
 * Times `work`, which does `operations` operations and may return a checksum. What was thrown away
 * before, in earlier rounds and in setting up, is collected first and not at the work's cost.
 */
export function time(operations: number, work: () => number | undefined): Timing {
  collectGarbage();
  const begin = process.cpuUsage();
  const checksum = work();
  const { user, system } = process.cpuUsage(begin);
  const timing = { operations, cpu_ns: (user + system) * 1e3 };
  return checksum === undefined ? timing : { ...timing, checksum };
}
