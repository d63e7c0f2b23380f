/** Trajectories and effects, on functions whose effects are known. */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { effectsOf, type Point, trajectory } from '../../sim/sensitivity/morris.ts';

const paths = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,6}$/), { minLength: 1, maxLength: 8 });
const seeds = fc.integer({ min: 0, max: 2 ** 31 });

/** Effects of each path on what `result` makes of a point, by path. */
function effects(result: (point: Point) => number, names: readonly string[], count: number) {
  const found = new Map<string, number[]>(names.map((name) => [name, []]));
  for (let index = 0; index < count; index += 1) {
    const { points, moved } = trajectory(7, index, names);
    for (const [at, path] of moved.entries()) {
      const [before, after] = [points[at]!, points[at + 1]!];
      const step = after.get(path)! - before.get(path)!;
      found.get(path)!.push((result(after) - result(before)) / step);
    }
  }
  return new Map([...found].map(([path, values]) => [path, effectsOf(values)]));
}

describe('a trajectory of Morris', () => {
  it('moves each parameter once, one at a time, by two thirds of its interval, on a grid of four levels', () => {
    fc.assert(
      fc.property(paths, seeds, fc.nat(50), (names, seed, index) => {
        const { points, moved } = trajectory(seed, index, names);
        assert.deepEqual([...moved].sort(), [...names].sort());
        for (const [at, path] of moved.entries()) {
          for (const name of names) {
            const change = points[at + 1]!.get(name)! - points[at]!.get(name)!;
            assert.ok(Math.abs(Math.abs(change) - (name === path ? 2 / 3 : 0)) < 1e-12);
          }
        }
        for (const point of points) {
          for (const place of point.values()) {
            assert.ok(Math.abs(3 * place - Math.round(3 * place)) < 1e-9);
            assert.ok(place >= 0 && place <= 1 + 1e-12);
          }
        }
      }),
    );
  });

  it('is the same for the same seed, whatever other parameters there are', () => {
    fc.assert(
      fc.property(paths, seeds, (names, seed) => {
        const all = trajectory(seed, 0, names);
        assert.deepEqual(trajectory(seed, 0, names), all);
        const fewer = names.slice(1);
        if (fewer.length === 0) return;
        const some = trajectory(seed, 0, fewer);
        for (const name of fewer) assert.equal(some.points[0]!.get(name), all.points[0]!.get(name));
        assert.deepEqual(
          some.moved,
          all.moved.filter((name) => name !== names[0]),
        );
      }),
    );
  });
});

describe('elementary effects', () => {
  it('of a sum are its weights, without deviation; what is not in it has none', () => {
    const found = effects((point) => 3 * point.get('a')! - 2 * point.get('b')!, ['a', 'b', 'c'], 5);
    const near = (value: number, right: number) => assert.ok(Math.abs(value - right) < 1e-12);
    near(found.get('a')!.mean, 3);
    near(found.get('b')!.mean, -2);
    near(found.get('b')!.mean_size, 2);
    near(found.get('a')!.deviation!, 0);
    assert.deepEqual(found.get('c'), { mean: 0, mean_size: 0, deviation: 0 });
  });

  it('of parameters that act on one another deviate', () => {
    const found = effects((point) => point.get('a')! * point.get('b')!, ['a', 'b'], 10);
    assert.ok(found.get('a')!.deviation! > 0.1);
    assert.ok(found.get('b')!.deviation! > 0.1);
  });

  it('of a single trajectory have no deviation', () => {
    assert.equal('deviation' in effectsOf([1]), false);
  });
});
