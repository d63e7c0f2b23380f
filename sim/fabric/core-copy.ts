/**
 * What one core takes to copy, however wide the device is: it waits for a line, then has some lines in flight, and more as
 * its prefetchers see a stream. Stores are posted, so they begin at the full stream.
 *
 *     loads     start │ latency │ latency  │ latency   │ latency    │ …
 *               lines      1      first     ·growth     ·growth ²       at most so many in a latency
 *     stores    start │ latency │ at most so many lines in a latency …
 */

import { line_bytes } from '../units.ts';
import type { Direction } from './traffic.ts';

export interface CoreCopy {
  /** Before the first line is asked for. */
  readonly copy_start_ns: number;
  /** Lines of a load stream in flight after the first has come, and how many times as many in each latency that follows. */
  readonly copy_first_lines: number;
  readonly copy_growth: number;
  /** Most lines in flight. */
  readonly copy_lines: number;
}

/** Time that one core takes to copy so many bytes from or to a device whose lines take `latency_ns`; no bytes take none. */
export function coreCopyTime_ns(
  bytes: number,
  direction: Direction,
  latency_ns: number,
  { copy_start_ns, copy_first_lines, copy_growth, copy_lines }: CoreCopy,
): number {
  if (bytes === 0) return 0;
  let left = Math.ceil(bytes / line_bytes) - 1;
  let latencies = 1;
  let flying = direction === 'write' ? copy_lines : Math.min(copy_first_lines, copy_lines);
  while (left > flying && flying < copy_lines && copy_growth > 1) {
    left -= flying;
    latencies += 1;
    flying = Math.min(copy_lines, flying * copy_growth);
  }
  return copy_start_ns + (latencies + left / flying) * latency_ns;
}
