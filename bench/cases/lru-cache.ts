/**
 * LRU replay of page accesses through a cache of 64 MiB (16,384 pages) over a footprint of 630 MiB
 * (161,280 pages). Against an LRU in a `Map`, which keeps its keys in order of insertion.
 */

import { LruCache } from '../../sim/memory/lru-cache.ts';
import { type Comparison, type Timing, time } from '../comparison.ts';
import { xorshift } from '../random.ts';

const requests = 2 ** 20;
const pages = 161_280;
const capacity = 16_384;

/** Pages whose popularity falls with their rank (Zipf), scattered over the footprint. */
function skewed(): Uint32Array {
  const random = xorshift();
  const scattered = Uint32Array.from({ length: pages }, (_, page) => page);
  for (let i = pages - 1; i > 0; i--) {
    const other = random() % (i + 1);
    [scattered[i], scattered[other]] = [scattered[other]!, scattered[i]!];
  }
  return Uint32Array.from({ length: requests }, () => {
    const rank = (pages + 1) ** (random() / 2 ** 32) - 1;
    return scattered[Math.min(pages - 1, Math.floor(rank))]!;
  });
}

/** Every page as likely as any other: nine accesses of ten miss. */
function uniform(): Uint32Array {
  const random = xorshift();
  return Uint32Array.from({ length: requests }, () => random() % pages);
}

function replay(keys: Uint32Array): Timing {
  const cache = new LruCache(capacity, pages);
  return time(requests, () => cache.replay(keys));
}

function replayMap(keys: Uint32Array): Timing {
  const cache = new Map<number, true>();
  return time(requests, () => {
    let misses = 0;
    for (const key of keys) {
      if (!cache.delete(key)) misses++;
      cache.set(key, true);
      if (cache.size > capacity) cache.delete(cache.keys().next().value!);
    }
    return misses;
  });
}

const skewed_pages = skewed();
const uniform_pages = uniform();

const comparisons: Comparison[] = [
  {
    name: 'LRU replay, skewed accesses',
    operations: 'requests',
    run: () => replay(skewed_pages),
    baseline: { name: 'an LRU in a Map', run: () => replayMap(skewed_pages) },
    target_rate: 50,
  },
  {
    name: 'LRU replay, uniform accesses',
    operations: 'requests',
    run: () => replay(uniform_pages),
    target_rate: 50,
  },
];

export default comparisons;
