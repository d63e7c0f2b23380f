/** Load curves in a fabric's file: points that stand there, or curves of one system in a CSV file of measurements. */

import { dirname, join } from 'node:path';
import { z } from 'zod';
import { LoadedLatency } from '../fabric/load-curve.ts';
import { readCurves } from '../fabric/read-curves.ts';
import type { CurvePoint, LoadCurve } from '../fabric/settings.ts';
import { readText } from '../files/read-text.ts';
import { complain, complaintOf, judge } from '../input/complaint.ts';
import { expected } from '../input/expected.ts';
import { InputError } from '../input/input-error.ts';
import {
  ceilingBandwidth,
  demands,
  mapping,
  measuredBandwidth,
  measuredLatency,
} from './settings.ts';

const share = z
  .number(demands('a number from 0 to 1'))
  .min(0)
  .max(1, demands('a number from 0 to 1'));

/**
 * A curve goes from idle to loaded: each point has more bandwidth than the one before, and no less
 * latency. What bends back past saturation is left out when curves are imported.
 */
function rises({ value: points, issues }: z.core.ParsePayload<CurvePoint[]>): void {
  if (issues.length > 0) return;
  for (const [index, point] of points.entries()) {
    const before = points[index - 1];
    if (before === undefined) continue;
    for (const [key, falls] of [
      ['bandwidth_gb_per_s', point.bandwidth_gb_per_s <= before.bandwidth_gb_per_s],
      ['latency_ns', point.latency_ns < before.latency_ns],
    ] as const) {
      if (!falls) continue;
      const right = key === 'latency_ns' ? `at least ${before[key]}` : `above ${before[key]}`;
      const what = `is ${point[key]}, after ${before[key]}`;
      const told = expected(`${right}, as load rises`);
      issues.push(complain(point[key], what, told, [index, key]));
    }
  }
}

const curve = z.strictObject(
  {
    read_share: share,
    ceiling_gb_per_s: ceilingBandwidth.optional(),
    points: z
      .array(
        z.strictObject(
          { bandwidth_gb_per_s: measuredBandwidth, latency_ns: measuredLatency },
          mapping,
        ),
      )
      .min(1, demands('a list of points'))
      .check(rises),
  },
  mapping,
);

/** One curve for each share of reads, from each of which latency under load can be told. */
export const loadCurves = z
  .array(curve, demands('a list of load curves'))
  .check(({ value, issues }) => {
    if (issues.length > 0) return;
    try {
      new LoadedLatency(value as LoadCurve[]);
    } catch (error) {
      const what = `cannot be used: ${(error as Error).message}`;
      issues.push(complain(value, what, expected('one curve a share, with rising points')));
    }
  });

/** Measured curves of one system in a file beside the fabric's, at some shares of reads. */
export const curvesElsewhere = z.strictObject(
  {
    file: z.string(demands('a CSV file, relative to this one')),
    system: z.string(demands("a system of the file's")),
    read_shares: z
      .array(share, demands('a list of shares of reads'))
      .min(1, demands('a list of shares of reads')),
  },
  mapping,
);

export type CurvesElsewhere = z.infer<typeof curvesElsewhere>;

/** The curves that a fabric's file at `path` names; `where` is the place that names them. */
export function curvesNamed(
  { file, system, read_shares }: CurvesElsewhere,
  path: string,
  where: string,
): LoadCurve[] {
  const kind = 'measured curves';
  const text = readText(join(dirname(path), file), {
    kind,
    most_bytes: 2 ** 26,
    shown: file,
    origin: where,
  });
  const curves = readCurves(text, file, system, read_shares);
  const issue = judge(loadCurves, curves).error?.issues[0];
  if (issue === undefined) return curves;
  const { what, expected: right } = complaintOf(issue);
  throw new InputError(where, `${file}: ${what}`, right);
}
