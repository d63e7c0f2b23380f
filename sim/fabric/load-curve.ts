/**
 * Latency of a memory under load, interpolated between measured points.
 *
 * A measured curve bends back: past saturation, more demand delivers *less* bandwidth at more
 * latency, so that one bandwidth has two latencies.
 *
 *     latency │        ·  ·        returning branch: dropped
 *             │             ·
 *             │            ─●      ceiling
 *             │        __●/
 *             │●──●──●─            kept
 *             └──────────────── bandwidth
 *
 * Kept are the points that no other point beats in both bandwidth and latency. So the curve says:
 * the lowest latency at which the device was seen to deliver at least this bandwidth. It rises
 * strictly, and passes through every kept point; below the first it is flat, and past the ceiling it
 * stays at the ceiling's latency, which is a lower bound (queueing there is the servers' matter).
 */

import type { CurvePoint, LoadCurve } from './settings.ts';

/** The points that no other point beats, in rising bandwidth and strictly rising latency. */
export function risingPoints(measured: readonly CurvePoint[]): CurvePoint[] {
  const falling = [...measured].sort(
    (a, b) => b.bandwidth_gb_per_s - a.bandwidth_gb_per_s || a.latency_ns - b.latency_ns,
  );
  const kept: CurvePoint[] = [];
  let lowest_ns = Number.POSITIVE_INFINITY;
  for (const point of falling) {
    if (point.latency_ns >= lowest_ns) continue;
    lowest_ns = point.latency_ns;
    kept.push(point);
  }
  return kept.reverse();
}

/** Most that the device was seen to deliver at this share of reads. */
export function ceilingOf({ ceiling_gb_per_s, points }: LoadCurve): number {
  return ceiling_gb_per_s ?? Math.max(0, ...points.map((point) => point.bandwidth_gb_per_s));
}

/** One curve without its units: utilisation is relative to its ceiling, stretch to its idle latency. */
interface Shape {
  readonly read_share: number;
  readonly utilisation: readonly number[];
  readonly stretch: readonly number[];
}

/** How much longer a load takes than on an idle device, by utilisation and share of reads. */
export class LoadedLatency {
  /** In rising share of reads; none: the device never stretches. */
  private readonly shapes: readonly Shape[];

  constructor(curves: readonly LoadCurve[]) {
    this.shapes = [...curves].sort((a, b) => a.read_share - b.read_share).map(shapeOf);
    this.shapes.forEach((shape, index) => {
      if (index > 0 && this.shapes[index - 1]!.read_share === shape.read_share) {
        throw new RangeError(`two load curves for a read share of ${shape.read_share}`);
      }
    });
  }

  /**
   * Latency over idle latency, at least 1. `utilisation` is used over possible bandwidth, 0 to 1;
   * curves of neighbouring read shares are blended at equal utilisation, since their ceilings differ.
   */
  stretch(utilisation: number, read_share: number): number {
    const { shapes } = this;
    if (shapes.length === 0) return 1;
    let above = 0;
    while (above < shapes.length && shapes[above]!.read_share < read_share) above += 1;
    if (above === 0) return along(shapes[0]!, utilisation);
    if (above === shapes.length) return along(shapes[above - 1]!, utilisation);
    const low = shapes[above - 1]!;
    const high = shapes[above]!;
    if (high.read_share === read_share) return along(high, utilisation);
    const weight = (read_share - low.read_share) / (high.read_share - low.read_share);
    return (1 - weight) * along(low, utilisation) + weight * along(high, utilisation);
  }
}

function shapeOf(curve: LoadCurve): Shape {
  const { read_share } = curve;
  const kept = risingPoints(curve.points);
  const idle_ns = kept[0]?.latency_ns ?? 0;
  const highest_gb_per_s = kept.at(-1)?.bandwidth_gb_per_s ?? 0;
  const ceiling = ceilingOf(curve);
  if (!(idle_ns > 0 && highest_gb_per_s > 0 && ceiling >= highest_gb_per_s)) {
    throw new RangeError(`the load curve for a read share of ${read_share} has no usable point`);
  }
  return {
    read_share,
    utilisation: kept.map((point) => point.bandwidth_gb_per_s / ceiling),
    stretch: kept.map((point) => point.latency_ns / idle_ns),
  };
}

function along({ utilisation, stretch }: Shape, at: number): number {
  let above = 0;
  while (above < utilisation.length && !(utilisation[above]! >= at)) above += 1;
  if (above === 0) return stretch[0]!;
  if (above === utilisation.length) return stretch[above - 1]!;
  const left = utilisation[above - 1]!;
  const right = utilisation[above]!;
  const low = stretch[above - 1]!;
  const high = stretch[above]!;
  // Written so that rounding can neither pass a measured point nor miss it.
  if (at === right) return high;
  return Math.min(high, low + ((at - left) / (right - left)) * (high - low));
}
