/** What of a start is drawn for each child: how long a stage takes this time, where published quantiles tell how it varies. */

import { normal, type RandomStream } from '../../random.ts';
import type { SandboxSettings } from '../../sandbox.ts';
import type { Stage } from '../../staged-mechanism.ts';
import { ns_per_ms, wholeNs } from '../../units.ts';
import { runtimeStart_ns } from './runtimes.ts';

export interface Draws {
  readonly varies: boolean;
  readonly runtime: string;
}

export const as_given: Draws = { varies: false, runtime: 'workload' };

export function drawsOf({
  variation,
  runtime,
}: Pick<SandboxSettings, 'variation' | 'runtime'>): Draws {
  return { varies: variation === 'published', runtime };
}

export function stageDraw_ns(
  { stage, ms, sigma = 0 }: Stage,
  { varies, runtime }: Draws,
  chance: RandomStream,
): number {
  const drawn_ns = stage === 'runtime' ? runtimeStart_ns(runtime, chance) : undefined;
  return drawn_ns ?? wholeNs(ms * (varies ? factor(sigma, chance) : 1) * ns_per_ms);
}

/** Of a log-normal distribution of median 1, as start times have it: none is negative, and some are long. */
function factor(sigma: number, chance: RandomStream): number {
  return sigma === 0 ? 1 : Math.exp(sigma * normal(chance));
}
