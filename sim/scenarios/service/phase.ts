/** A stretch of an instance's life on a core, by what it takes of the device that all share. */

import type { MemorySettings } from '../../fabric/settings.ts';
import type { Reads } from '../../fabric/shared-reads.ts';
import type { InvocationCosts } from '../cluster/child-costs.ts';
import type { Place } from '../cluster/company.ts';
import { bytesOf, type Work } from '../cluster/work.ts';

export interface Phase {
  /** What no latency changes: computing, faults and copies where nobody else uses the device. */
  readonly fixed_ns: number;
  /** Lines that it waits for one after the other: so many latencies more. */
  readonly lines: number;
  /** Of both, what passed before, while something else was done; 0 where absent. */
  readonly spent_ns?: number;
  readonly read_bytes: number;
  readonly write_bytes: number;
}

export const nothing: Phase = { fixed_ns: 0, lines: 0, read_bytes: 0, write_bytes: 0 };

export const alone: Place = { is_first: true, order: 0, on_node: 1, elsewhere: false };

export function phaseOfWork(work: Work): Phase {
  const fixed_ns = work.before_ns + work.steps.reduce((sum, { ns }) => sum + ns, 0);
  return {
    fixed_ns,
    lines: 0,
    read_bytes: bytesOf(work, 'read'),
    write_bytes: bytesOf(work, 'write'),
  };
}

/** What is read line by line once all is touched: an execution takes longer in proportion to the latency, two points tell the line. */
export function phaseOfReads(reads: Reads, { latency_ns }: MemorySettings): Phase {
  const low_ns = Math.max(1, latency_ns);
  const [near_ns, far_ns] = [reads.execution_ns(low_ns), reads.execution_ns(2 * low_ns)];
  const lines = Math.max(0, far_ns - near_ns) / low_ns;
  return {
    fixed_ns: Math.max(0, near_ns - lines * low_ns),
    lines,
    spent_ns: reads.spent_ns,
    read_bytes: Math.round(reads.bytes),
    write_bytes: 0,
  };
}

/** An execution takes longer in proportion to the latency: two points tell the line. */
export function phaseOfInvocation(costs: InvocationCosts, { latency_ns }: MemorySettings): Phase {
  const reads = costs.reads(alone);
  const low_ns = Math.max(1, latency_ns);
  const [near_ns, far_ns] = [reads.execution_ns(low_ns), reads.execution_ns(2 * low_ns)];
  const lines = Math.max(0, far_ns - near_ns) / low_ns;
  const moved = phaseOfWork(costs.touching);
  return {
    fixed_ns: Math.max(0, costs.touching_ns + near_ns - lines * low_ns - reads.spent_ns),
    lines,
    read_bytes: moved.read_bytes + Math.round(reads.bytes),
    write_bytes: moved.write_bytes,
  };
}
