/** Which share of page visits an LRU memory of so many pages would miss. */

import { grown } from '../grown.ts';
import { StackDistances } from './stack-distance.ts';

export interface MissRatioPoint {
  readonly memory_pages: number;
  readonly miss_ratio: number;
}

/** Steps of memory sizes in each doubling. */
const steps = 4;

export class MissRatio {
  private readonly stack = new StackDistances();
  private at_distance = new Float64Array(1024);
  private visits = 0;
  private farthest = 0;

  /** A visit that does not count still decides what memory holds afterwards. */
  visit(page: number, counts: boolean): void {
    const distance = this.stack.touch(page);
    if (!counts) return;
    this.visits += 1;
    if (distance === undefined) return;
    if (distance >= this.at_distance.length) {
      this.at_distance = grown(this.at_distance, distance + 1);
    }
    this.at_distance[distance]! += 1;
    this.farthest = Math.max(this.farthest, distance);
  }

  /** From one page to where no more memory helps; none without visits. */
  curve(): MissRatioPoint[] {
    if (this.visits === 0) return [];
    const points: MissRatioPoint[] = [];
    let hits = 0;
    let counted = 0;
    for (const memory_pages of sizesUpTo(this.farthest + 1)) {
      for (; counted < memory_pages; counted += 1) hits += this.at_distance[counted] ?? 0;
      points.push({ memory_pages, miss_ratio: (this.visits - hits) / this.visits });
    }
    return points;
  }
}

function sizesUpTo(most: number): number[] {
  const sizes = new Set<number>();
  for (let step = 0; 2 ** (step / steps) < most; step += 1)
    sizes.add(Math.round(2 ** (step / steps)));
  sizes.add(most);
  return [...sizes];
}
