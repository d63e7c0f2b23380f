/** One sandbox from asking for it to its first answer, stage by stage, waiting wherever others hold what it needs. */

import type { Activity } from '../../engine/activity.ts';
import { normal, type RandomStream, randomStream } from '../../random.ts';
import type { Stage } from '../../staged-mechanism.ts';
import type { StageName } from '../../stages.ts';
import { ns_per_ms, wholeNs } from '../../units.ts';
import type { Host } from './host.ts';

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

/** Nothing where the host has no memory left for it. */
export function* start(
  host: Host,
  stages: readonly Stage[],
  child_mb: number,
  seed: number,
  child: number,
): Activity<Started | undefined> {
  const { simulation } = host;
  const asked_ns = simulation.now_ns;
  if (!host.take(child_mb)) return undefined;
  const passed: Passed[] = [];
  for (const { stage, ms, holds, spread = 0 } of stages) {
    const chance = randomStream(seed, 'sandbox', child, stage);
    const took_ns = wholeNs(ms * drawnFactor(spread, chance) * ns_per_ms);
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

/** Of a log-normal distribution of mean 1, as start times have it: none is negative, and some are long. */
function drawnFactor(spread: number, chance: RandomStream): number {
  if (spread === 0) return 1;
  const variance = Math.log(1 + spread ** 2);
  return Math.exp(normal(chance) * Math.sqrt(variance) - variance / 2);
}
