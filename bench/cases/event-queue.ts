/**
 * The hold model: the earliest of so many pending events is taken out and comes back later by a
 * random delay, as each step of a simulation does. Against the same on a binary heap in C.
 */

import { EventQueue } from '../../sim/engine/event-queue.ts';
import { compile } from '../c-program.ts';
import { type Baseline, type Comparison, type Timing, time } from '../comparison.ts';
import { xorshift } from '../random.ts';

const operations = 1_000_000;
const heap = compile('binary-heap.c');

function removeAndInsert(queue: EventQueue, random: () => number, times: number): number {
  let sum = 0;
  for (let i = 0; i < times; i++) {
    const time_ns = queue.next_time_ns;
    const id = queue.next_id;
    sum += id;
    queue.remove();
    queue.insert(time_ns + (random() >>> 12), id);
  }
  return sum;
}

function postpone(queue: EventQueue, random: () => number, times: number): number {
  let sum = 0;
  for (let i = 0; i < times; i++) {
    sum += queue.next_id;
    queue.postpone(queue.next_time_ns + (random() >>> 12));
  }
  return sum;
}

function hold(pending: number, step: typeof postpone): Timing {
  const queue = new EventQueue();
  const random = xorshift();
  for (let id = 0; id < pending; id++) queue.insert(random() >>> 12, id);
  step(queue, random, warmUp(pending));
  return time(operations, () => step(queue, random, operations));
}

/** Steps until the times pending are spread as they stay. */
function warmUp(pending: number): number {
  return Math.max(2 * pending, 200_000);
}

function binaryHeap(pending: number, mode: string): Baseline {
  const name = 'a C binary heap';
  if ('missing' in heap) return { name, missing: heap.missing };
  const args = [pending, warmUp(pending), operations].map(String);
  const run = () => {
    const [cpu_ns, checksum] = heap
      .run(...args, mode)
      .split(' ')
      .map(Number);
    return { operations, cpu_ns: cpu_ns!, checksum: checksum! };
  };
  return { name, run };
}

const comparisons: Comparison[] = [1_000, 100_000, 1_000_000].flatMap((pending) => [
  {
    name: `hold model, ${pending} pending, removed and inserted`,
    operations: 'events',
    run: () => hold(pending, removeAndInsert),
    baseline: binaryHeap(pending, 'pop-push'),
    target_ratio: 0.6,
  },
  {
    name: `hold model, ${pending} pending, postponed`,
    operations: 'events',
    run: () => hold(pending, postpone),
    baseline: binaryHeap(pending, 'replace'),
    target_ratio: 0.6,
  },
]);

export default comparisons;
