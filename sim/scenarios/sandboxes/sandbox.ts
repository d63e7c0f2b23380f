/** One sandbox from asking for it to its first answer, stage by stage, waiting wherever others hold what it needs. */

import type { Activity } from '../../engine/activity.ts';
import { randomStream } from '../../random.ts';
import type { Stage } from '../../staged-mechanism.ts';
import type { StageName } from '../../stages.ts';
import { as_given, type Draws, stageDraw_ns } from './draws.ts';
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
  draws: Draws = as_given,
): Activity<Started | undefined> {
  const { simulation } = host;
  const asked_ns = simulation.now_ns;
  if (!host.take(child_mb)) return undefined;
  const passed: Passed[] = [];
  for (const stage of stages) {
    const chance = randomStream(seed, 'sandbox', child, stage.stage);
    const took_ns = stageDraw_ns(stage, draws, chance);
    const begun_ns = simulation.now_ns;
    if (stage.holds === undefined) yield took_ns;
    else yield* host.server(stage.holds).use(took_ns);
    const ended_ns = simulation.now_ns;
    passed.push({
      stage: stage.stage,
      took_ns,
      waited_ns: ended_ns - begun_ns - took_ns,
      ended_ns: ended_ns - asked_ns,
    });
  }
  return { asked_ns, passed };
}
