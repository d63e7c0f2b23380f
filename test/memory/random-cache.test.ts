import assert from 'node:assert/strict';
import fc from 'fast-check';
import { RandomCache } from '../../sim/memory/random-cache.ts';

/** Misses of the last of several scans over keys 0…n − 1. */
function scan(cache: RandomCache, keys: number, times: number): number {
  let misses = 0;
  for (let time = 0; time < times; time += 1) {
    misses = 0;
    for (let key = 0; key < keys; key += 1) if (!cache.access(key)) misses += 1;
  }
  return misses;
}

/** The share that solves m = 1 − exp(−m·n/c), by iteration from above. */
function expectedShare(ratio: number): number {
  let share = 1;
  for (let step = 0; step < 1_000; step += 1) share = 1 - Math.exp(-share * ratio);
  return share;
}

describe('random cache', () => {
  it('misses each page once when all fit', () => {
    const cache = new RandomCache(100, 1);
    assert.equal(scan(cache, 100, 1), 100);
    assert.equal(scan(cache, 100, 1), 0);
  });

  it('misses everything when it has no room', () => {
    const cache = new RandomCache(0, 1);
    assert.equal(scan(cache, 3, 5), 3);
  });

  for (const ratio of [1.1, 1.5, 2, 4]) {
    it(`misses the share m = 1 − exp(−m·n/c) of a cyclic scan ${ratio} times its size`, () => {
      const room = 4_000;
      const pages = Math.round(room * ratio);
      const share = expectedShare(ratio);
      const seeds = [1, 2, 3];
      for (const seed of seeds) {
        const measured = scan(new RandomCache(room, seed), pages, 30) / pages;
        // The misses of one scan spread by less than a binomial's sqrt(n·m·(1 − m)); five of these.
        const bound = 5 * Math.sqrt((share * (1 - share)) / pages) + 0.005;
        assert.ok(
          Math.abs(measured - share) < bound,
          `seed ${seed}: ${measured} instead of ${share}, off by more than ${bound}`,
        );
      }
    });
  }

  it('always holds the page accessed last, and never more pages than it has room for', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(5_000), { maxLength: 200, size: 'max' }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer(),
        (keys, room, seed) => {
          const cache = new RandomCache(room, seed);
          for (const key of keys) {
            cache.access(key);
            assert.ok(cache.access(key));
          }
          const held = [...new Set(keys)];
          // Asking changes the cache; pages that hit before the first miss are those it held.
          let hits = 0;
          for (const key of held) {
            if (!cache.access(key)) break;
            hits += 1;
          }
          assert.ok(hits <= room);
        },
      ),
    );
  });

  it('evicts the same pages for the same seed, others for another', () => {
    const missesOf = (seed: number) => {
      const cache = new RandomCache(64, seed);
      return Array.from({ length: 1_000 }, (_, i) => cache.access(i % 100));
    };
    assert.deepEqual(missesOf(1), missesOf(1));
    assert.notDeepEqual(missesOf(1), missesOf(2));
  });

  it('hits where a least-recently-used cache of a cyclic scan never would', () => {
    assert.ok(scan(new RandomCache(99, 1), 100, 20) < 50);
  });
});
