import assert from 'node:assert/strict';
import fc from 'fast-check';
import { MissRatio } from '../../sim/recording/miss-ratio.ts';
import { StackDistances } from '../../sim/recording/stack-distance.ts';

/** Newest first, as the definition says. */
function naive(pages: readonly number[]): (number | undefined)[] {
  const stack: number[] = [];
  return pages.map((page) => {
    const at = stack.indexOf(page);
    if (at >= 0) stack.splice(at, 1);
    stack.unshift(page);
    return at < 0 ? undefined : at;
  });
}

/** Misses of an LRU memory that is simulated. */
function misses(pages: readonly number[], size: number): number {
  const held = new Set<number>();
  let count = 0;
  for (const page of pages) {
    if (!held.delete(page)) count += 1;
    held.add(page);
    if (held.size > size) held.delete(held.values().next().value!);
  }
  return count;
}

const visits = fc.array(fc.nat(40), { minLength: 1, maxLength: 300 });

describe('stack distances', () => {
  it('are how many other pages came since', () => {
    fc.assert(
      fc.property(visits, (pages) => {
        const stack = new StackDistances();
        assert.deepEqual(
          pages.map((page) => stack.touch(page)),
          naive(pages),
        );
      }),
    );
  });

  it('stay right when places are numbered anew, also of many pages', () => {
    const pages = Array.from({ length: 9000 }, (_, i) => (i * i * 31 + (i >> 3)) % 2500);
    const stack = new StackDistances();
    assert.deepEqual(
      pages.map((page) => stack.touch(page)),
      naive(pages),
    );
  });
});

describe('a miss-ratio curve', () => {
  it('is what LRU memories of these sizes miss', () => {
    fc.assert(
      fc.property(visits, (pages) => {
        const ratio = new MissRatio();
        for (const page of pages) ratio.visit(page, true);
        for (const { memory_pages, miss_ratio } of ratio.curve()) {
          assert.equal(Math.round(miss_ratio * pages.length), misses(pages, memory_pages));
        }
      }),
    );
  });

  it('never rises with memory, and ends at the first visits', () => {
    fc.assert(
      fc.property(visits, (pages) => {
        const ratio = new MissRatio();
        for (const page of pages) ratio.visit(page, true);
        const curve = ratio.curve().map((point) => point.miss_ratio);
        assert.deepEqual(
          curve,
          [...curve].sort((a, b) => b - a),
        );
        assert.equal(Math.round(curve.at(-1)! * pages.length), new Set(pages).size);
      }),
    );
  });

  it('is none where nothing was visited', () => {
    assert.deepEqual(new MissRatio().curve(), []);
  });
});
