/** Systems of which nothing but the time of several fan-outs is published: a part that all have, and one that each waits for. */

import type { Properties } from '../../properties.ts';
import { defineStaged, type Plan, type StagedMechanism } from '../../staged-mechanism.ts';
import { type Grade, ms } from './given.ts';

interface FanOut {
  readonly name: string;
  readonly description: string;
  readonly source: string;
  readonly unmodelled: readonly string[];
  readonly properties: Properties;
  readonly colour: string;
  /** As measured, with where. */
  readonly once: readonly [ms: number, grade: Grade, source: string];
  readonly each: readonly [ms: number, grade: Grade, source: string];
}

/** Their time ends when what a child inherited has been checked, and nothing tells what of it is what. */
export function definedByFanOut({ once, each, ...about }: FanOut): StagedMechanism {
  return defineStaged({
    ...about,
    parameters: {
      once_ms: ms(once[0], 'what every child takes, beside the others', once[1], once[2]),
      each_ms: ms(each[0], 'what each further child waits for', each[1], each[2]),
    },
    windows: { verified: ['control', 'verify'] },
    reads: ['guest_mb'],
    has_address: true,
    plan({ sandbox, written_mb }, { once_ms, each_ms }): Plan {
      return {
        stages: [
          { stage: 'control', ms: each_ms, holds: 'lock' },
          { stage: 'verify', ms: once_ms },
        ],
        shared_mb: sandbox.guest_mb,
        child_mb: written_mb + sandbox.dirty_mb,
      };
    },
  });
}
