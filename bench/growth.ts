/**
 * How the cost of some work grows with its size: what one operation takes at the largest size, over what it takes at the smallest,
 * in the same round. Sorting's n log n allows for log(largest) / log(smallest).
 */

import { median } from 'simple-statistics';
import type { Growth } from './comparison.ts';

export interface GrowthOutcome {
  readonly name: string;
  readonly operations: string;
  readonly sizes: readonly number[];
  /** Processor time of one operation at each size. */
  readonly each_ns: readonly number[];
  /** At the largest size over the smallest. */
  readonly growth: number;
  readonly allowed: number;
  readonly met: boolean;
}

/** What is measured wavers by so much on a machine that does other things. */
const wavering = 1.15;

export function measureGrowth({ name, operations, sizes, run }: Growth, rounds: number) {
  const of_sizes: number[][] = sizes.map(() => []);
  // The first round warms up caches and compiler, and does not count.
  for (let round = -1; round < rounds; round++) {
    for (const [index, size] of sizes.entries()) {
      const { cpu_ns } = run(size);
      if (round >= 0) of_sizes[index]!.push(cpu_ns / size);
    }
  }
  const [first, last] = [of_sizes[0]!, of_sizes.at(-1)!];
  const growth = median(last.map((each_ns, round) => each_ns / first[round]!));
  const allowed = Math.log(sizes.at(-1)!) / Math.log(sizes[0]!);
  const each_ns = of_sizes.map((all) => median(all));
  const met = growth <= wavering * allowed;
  return { name, operations, sizes, each_ns, growth, allowed, met } satisfies GrowthOutcome;
}

export function describeGrowth(outcome: GrowthOutcome): string {
  const { name, operations, sizes, each_ns, growth, allowed, met } = outcome;
  const each = sizes.map((size, index) => `${size}: ${Math.round(each_ns[index]!)} ns`).join(', ');
  const times = Math.round(sizes.at(-1)! / sizes[0]!);
  return (
    `  ${name}: ${each} for one of the ${operations}; ${growth.toFixed(2)} times as much with ${times} times as many, ` +
    `n log n allows for ${allowed.toFixed(2)}: ${met ? 'met' : 'MISSED'}`
  );
}
