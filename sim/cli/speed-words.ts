/** How fast one node's memory is, in words. */

import type { NodeSpeed } from '../machine/measure-fabric.ts';
import type { MemorySpeed } from '../machine/memory-speed.ts';

export function speedWords({ latency_ns, read_gb_per_s, write_gb_per_s }: NodeSpeed): string {
  return (
    `loads ${spread(latency_ns, 1)} ns, ` +
    `reads ${spread(read_gb_per_s, 2)} GB/s, writes ${spread(write_gb_per_s, 2)} GB/s`
  );
}

/** The median, and between what the samples' interval for it lies. */
function spread({ median, interval }: MemorySpeed, digits: number): string {
  const text = median.toFixed(digits);
  if (interval === undefined) return text;
  return `${text} [${interval.low.toFixed(digits)}, ${interval.high.toFixed(digits)}]`;
}
