/** One sandbox from asking for it to its first answer, stage by stage, waiting wherever others hold what it needs. */

import type { Activity } from '../../engine/activity.ts';
import { type RandomStream, randomStream } from '../../random.ts';
import type { Stage } from '../../staged-mechanism.ts';
import type { StageName } from '../../stages.ts';
import { ns_per_ms, wholeNs } from '../../units.ts';
import { normalQuantile } from '../cluster/start-times/lognormal-times.ts';
import type { Host } from './host.ts';
import { runtimeStart_ns } from './runtimes.ts';

export interface Passed {
  readonly stage: StageName;
  readonly took_ns: number;
  readonly waited_ns: number;
  /** Since the child was asked for. */
  readonly ended_ns: number;
}

export interface Started {
  readonly asked_ns: number;
  readonly passed: readonly Passed[];
}

/** What of a start is drawn for each child. */
export interface Draws {
  readonly varies: boolean;
  readonly runtime: string;
}

const as_given: Draws = { varies: false, runtime: 'workload' };

/** Nothing where the host has no memory left for it. */
export function* start(
  host: Host,
  stages: readonly Stage[],
  child_mb: number,
  seed: number,
  child: number,
  draws: Draws = as_given,
): Activity<Started | undefined> {
  const { simulation } = host;
  const asked_ns = simulation.now_ns;
  if (!host.take(child_mb)) return undefined;
  const passed: Passed[] = [];
  for (const { stage, ms, holds, sigma = 0 } of stages) {
    const chance = randomStream(seed, 'sandbox', child, stage);
    const factor = draws.varies ? drawnFactor(sigma, chance) : 1;
    const runtime_ns = stage === 'runtime' ? runtimeStart_ns(draws.runtime, chance) : undefined;
    const took_ns = runtime_ns ?? wholeNs(ms * factor * ns_per_ms);
    const begun_ns = simulation.now_ns;
    if (holds === undefined) yield took_ns;
    else yield* host.server(holds).use(took_ns);
    const ended_ns = simulation.now_ns;
    passed.push({
      stage,
      took_ns,
      waited_ns: ended_ns - begun_ns - took_ns,
      ended_ns: ended_ns - asked_ns,
    });
  }
  return { asked_ns, passed };
}

/** Of a log-normal distribution of median 1, as start times have it: none is negative, and some are long. */
function drawnFactor(sigma: number, chance: RandomStream): number {
  return sigma === 0 ? 1 : Math.exp(sigma * normalQuantile(chance.uniform()));
}
