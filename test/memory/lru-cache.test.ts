import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LruCache } from '../../sim/memory/lru-cache.ts';

/** The oracle: a Map remembers the order of insertion, so its first key is the oldest. */
class NaiveCache {
  readonly keys = new Map<number, true>();
  readonly capacity: number;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  access(key: number): boolean {
    const hit = this.keys.delete(key);
    this.keys.set(key, true);
    if (this.keys.size > this.capacity) this.keys.delete(this.keys.keys().next().value!);
    return hit;
  }
}

/** Different keys accessed since the last access to the one at `i`; infinite if there was none. */
function stackDistance(keys: number[], i: number): number {
  const last = keys.lastIndexOf(keys[i]!, i - 1);
  if (i === 0 || last < 0) return Number.POSITIVE_INFINITY;
  return new Set(keys.slice(last + 1, i)).size;
}

function cycles(keys: number, rounds: number): Uint32Array {
  return Uint32Array.from({ length: keys * rounds }, (_, i) => i % keys);
}

const key_count = 24;
const streams = fc.array(fc.nat(key_count - 1), { maxLength: 300, size: 'max' });
const capacities = fc.nat(key_count + 2);

describe('last-level cache', () => {
  it('misses each key once when all fit', () => {
    const cache = new LruCache(100, 100);
    assert.equal(cache.replay(cycles(100, 5)), 100);
    assert.equal(cache.size, 100);
  });

  it('misses every access of a cyclic scan that is one key too long for it', () => {
    assert.equal(new LruCache(99, 100).replay(cycles(100, 5)), 500);
  });

  it('hits what it still holds when a scan comes back the way it went', () => {
    // Forth 0…9, back 9…0: on the way back key k lies 9 − k keys deep, so 9…6 hit in four entries.
    const there_and_back = Uint32Array.from({ length: 20 }, (_, i) => (i < 10 ? i : 19 - i));
    assert.equal(new LruCache(4, 10).replay(there_and_back), 10 + 6);
  });

  it('drops the key that was accessed longest ago', () => {
    const cache = new LruCache(2, 4);
    cache.replay(Uint32Array.of(0, 1, 0, 2));
    assert.deepEqual(
      [0, 1, 2, 3].map((key) => cache.holds(key)),
      [true, false, true, false],
    );
  });

  it('misses everything when it has no room at all', () => {
    const cache = new LruCache(0, 3);
    assert.equal(cache.replay(Uint32Array.of(1, 1, 1, 2)), 4);
    assert.equal(cache.size, 0);
  });

  it('misses again what it held before it was cleared', () => {
    const cache = new LruCache(8, 8);
    cache.replay(cycles(8, 1));
    cache.clear();
    assert.equal(cache.size, 0);
    assert.equal(cache.replay(cycles(8, 2)), 8);
  });

  it('counts the misses of marked keys by themselves', () => {
    const cache = new LruCache(2, 4);
    const marks = Uint8Array.of(0, 1, 0, 1);
    assert.deepEqual(cache.replayMarked(Uint32Array.of(0, 1, 1, 2, 3, 0), marks), {
      misses: 5,
      marked_misses: 2,
    });
  });

  it('refuses, and never holds, keys that are none', () => {
    const cache = new LruCache(2, 4);
    for (const key of [-1, 2 ** 30, Number.NaN]) {
      assert.throws(() => cache.access(key), RangeError);
      assert.equal(cache.holds(key), false);
    }
    assert.throws(() => cache.replayMarked(Uint32Array.of(0), new Uint8Array(3)), RangeError);
  });

  it('refuses sizes that are none', () => {
    for (const size of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.throws(() => new LruCache(size, 4), RangeError);
      assert.throws(() => new LruCache(4, size), RangeError);
    }
  });

  it('hits exactly where fewer other keys came since than it has room for', () => {
    fc.assert(
      fc.property(streams, capacities, (keys, capacity) => {
        const cache = new LruCache(capacity, key_count);
        keys.forEach((key, i) => {
          assert.equal(cache.access(key), stackDistance(keys, i) < capacity);
        });
      }),
    );
  });

  it('hits alike however few keys it was told of at first', () => {
    fc.assert(
      fc.property(streams, capacities, fc.nat(key_count), (keys, capacity, told) => {
        const known = new LruCache(capacity, key_count);
        const growing = new LruCache(capacity, told);
        for (const key of keys) {
          assert.equal(growing.access(key), known.access(key));
          assert.equal(growing.size, known.size);
          for (let k = 0; k < key_count; k++) assert.equal(growing.holds(k), known.holds(k));
        }
      }),
    );
  });

  it('holds what a map in order of access holds', () => {
    fc.assert(
      fc.property(streams, capacities, (keys, capacity) => {
        const cache = new LruCache(capacity, key_count);
        const naive = new NaiveCache(capacity);
        for (const key of keys) {
          assert.equal(cache.access(key), naive.access(key));
          assert.equal(cache.size, naive.keys.size);
          for (let k = 0; k < key_count; k++) assert.equal(cache.holds(k), naive.keys.has(k));
        }
      }),
    );
  });

  it('misses as often in one batch, in two, and one by one, whatever is marked', () => {
    fc.assert(
      fc.property(streams, capacities, fc.nat(300), fc.nat(key_count), (all, room, cut, marked) => {
        const keys = Uint32Array.from(all);
        const marks = Uint8Array.from({ length: key_count }, (_, key) => (key < marked ? 1 : 0));
        const stepwise = new LruCache(room, key_count);
        const missed = all.filter((key) => !stepwise.access(key));
        const halves = new LruCache(room, key_count);
        const first = halves.replay(keys.subarray(0, cut));
        assert.equal(first + halves.replay(keys.subarray(cut)), missed.length);
        assert.deepEqual(new LruCache(room, key_count).replayMarked(keys, marks), {
          misses: missed.length,
          marked_misses: missed.filter((key) => key < marked).length,
        });
      }),
    );
  });

  it('never misses more often for being larger', () => {
    fc.assert(
      fc.property(streams, capacities, (all, capacity) => {
        const keys = Uint32Array.from(all);
        const small = new LruCache(capacity, key_count).replay(keys);
        assert.ok(new LruCache(capacity + 1, key_count).replay(keys) <= small);
      }),
    );
  });
});
