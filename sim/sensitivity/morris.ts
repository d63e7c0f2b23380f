/**
 * Elementary effects: Morris, Factorial sampling plans for preliminary computational experiments, Technometrics 33
 * (1991), doi 10.1080/00401706.1991.10484804, with the mean of absolute values of Campolongo, Cariboni and Saltelli,
 * Environmental Modelling & Software 22 (2007), doi 10.1016/j.envsoft.2006.10.004. A trajectory moves one parameter
 * at a time, in random order, from a random point of a grid: so each effect is seen at another place of all others.
 */

import { randomStream } from '../random.ts';

/** Levels of the grid in [0, 1], and the step between two points of a trajectory: Morris' p = 4 and p / (2 (p − 1)). */
const levels = 4;
const step = levels / (2 * (levels - 1));

/** A point: where each parameter stands in its interval, from 0 to 1, by path. */
export type Point = ReadonlyMap<string, number>;

export interface Trajectory {
  readonly points: readonly Point[];
  /** Which parameter moved to each point but the first. */
  readonly moved: readonly string[];
}

/** A path's start, direction and place in the order do not depend on which others there are. */
export function trajectory(seed: number, index: number, paths: readonly string[]): Trajectory {
  const drawn = paths.map((path) => {
    const stream = randomStream(seed, 'morris', index, path);
    const from = stream.integer(levels / 2) / (levels - 1);
    const rises = stream.integer(2) === 1;
    return {
      path,
      from: rises ? from : from + step,
      to: rises ? from + step : from,
      at: stream.uniform(),
    };
  });
  let point = new Map(drawn.map(({ path, from }) => [path, from]));
  const points: Point[] = [point];
  const order = [...drawn].sort((a, b) => a.at - b.at);
  for (const { path, to } of order) {
    point = new Map(point).set(path, to);
    points.push(point);
  }
  return { points, moved: order.map(({ path }) => path) };
}

/** What one parameter does to the result over its whole interval. */
export interface Effects {
  /** Mean of the effects. */
  readonly mean: number;
  /** Mean of their absolute values. */
  readonly mean_size: number;
  /** Standard deviation: how much it depends on where it and the others stand; absent of a single effect. */
  readonly deviation?: number;
}

export function effectsOf(values: readonly number[]): Effects {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const mean_size = values.reduce((sum, value) => sum + Math.abs(value), 0) / count;
  if (count < 2) return { mean, mean_size };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, mean_size, deviation: Math.sqrt(squares / (count - 1)) };
}
