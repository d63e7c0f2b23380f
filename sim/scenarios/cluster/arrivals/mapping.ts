/**
 * Which workload stands for each function of a trace, by how long it computes and how much memory it holds.
 *
 *     memory │   · b        The nearest in the logarithms of both, for which a factor of two is as far whatever the size:
 *            │ a   ·f          d(f, w)² = ln²(duration_f / duration_w) + ln²(memory_f / memory_w)
 *            │      · c      What is not known of f counts nothing; f is mapped if w lies within a factor in all that counts.
 *            └────────────
 *               duration
 *
 * A function that has a workload's name is that workload's. Of which nothing is known, the k-th gets the k-th workload, in turn.
 */

import type { FunctionFacts } from './function-facts.ts';

/** What workloads are told apart by. */
export interface Candidate {
  readonly name: string;
  readonly duration_ms: number;
  readonly memory_mb: number;
}

export const mapped_by = ['duration-and-memory', 'duration', 'memory'] as const;
export type MappedBy = (typeof mapped_by)[number];

export interface MappingRule {
  readonly by: MappedBy;
  /** How many times as long or as large a function may be as its workload, and the other way round. */
  readonly within_factor: number;
}

export interface Mapping {
  /** Index of the workload that stands for each function; `undefined` where none is near enough. */
  readonly workload_of: readonly (number | undefined)[];
  /** What no workload stands for: functions, their share of all requests, and of the time that all compute. */
  readonly unmapped: {
    readonly functions: number;
    readonly invocations_share: number;
    /** Absent where no function says how long it computes. */
    readonly time_share?: number;
  };
  /** How often each workload is asked for, as a share of all requests. */
  readonly share_of_workload: readonly number[];
}

export function mapFunctions(
  functions: readonly FunctionFacts[],
  workloads: readonly Candidate[],
  rule: MappingRule,
): Mapping {
  if (workloads.length === 0) throw new RangeError('no workload to map functions to');
  const workload_of = functions.map((each, index) => workloadFor(each, index, workloads, rule));
  const total = new Masses();
  const unmapped = new Masses();
  const of_workload = workloads.map(() => new Masses());
  for (const [index, each] of functions.entries()) {
    total.add(each);
    const found = workload_of[index];
    (found === undefined ? unmapped : of_workload[found]!).add(each);
  }
  return {
    workload_of,
    unmapped: {
      functions: unmapped.functions,
      invocations_share: shareOf(unmapped.invocations, total.invocations),
      ...(total.time_ms > 0 && { time_share: shareOf(unmapped.time_ms, total.time_ms) }),
    },
    share_of_workload: of_workload.map(({ invocations }) =>
      shareOf(invocations, total.invocations),
    ),
  };
}

function workloadFor(
  { name, duration_ms, memory_mb }: FunctionFacts,
  index: number,
  workloads: readonly Candidate[],
  { by, within_factor }: MappingRule,
): number | undefined {
  const same = workloads.findIndex((workload) => workload.name === name);
  if (same !== -1) return same;
  const known: [at: 'duration_ms' | 'memory_mb', value: number][] = [];
  if (by !== 'memory' && duration_ms !== undefined) known.push(['duration_ms', duration_ms]);
  if (by !== 'duration' && memory_mb !== undefined) known.push(['memory_mb', memory_mb]);
  if (known.length === 0) return index % workloads.length;
  let nearest: number | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const [at, workload] of workloads.entries()) {
    const apart = known.map(([key, value]) => Math.abs(Math.log(value / workload[key])));
    // Nothing is as many times as large as what has none.
    if (!apart.every((each) => each <= Math.log(within_factor) + 1e-12)) continue;
    const distance = apart.reduce((sum, each) => sum + each ** 2, 0);
    if (distance < least) [nearest, least] = [at, distance];
  }
  return nearest;
}

/** Functions, their requests and the time that these compute, as far as it is known. */
class Masses {
  functions = 0;
  invocations = 0;
  time_ms = 0;

  add({ invocations, duration_ms = 0 }: FunctionFacts): void {
    this.functions += 1;
    this.invocations += invocations;
    this.time_ms += invocations * duration_ms;
  }
}

function shareOf(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}
