/** Published results of CXLfork's figures 7 and 8, to fit to and to check against. */

import { readFileSync } from 'node:fs';

export const phases = ['restore_ms', 'faults_ms', 'execution_ms'] as const;
export type Phase = (typeof phases)[number];
export type Phases = Readonly<Record<Phase, number>>;

export interface PublishedFunction {
  /** Input of the model, and the null model of the others. */
  readonly local_fork: Phases;
  readonly mechanisms: Readonly<Record<string, Phases & { local_memory_share_of_cold: number }>>;
  readonly policies: Readonly<Record<string, { cold_ms?: number; warm_ms?: number }>>;
}

export interface Published {
  readonly source: string;
  /** Local-fork restore of all ten functions, which are inputs. */
  readonly local_fork_restore_ms: Readonly<Record<string, number>>;
  readonly functions: Readonly<Record<string, PublishedFunction>>;
  /** Over all ten functions, those held back included; checks only. */
  readonly geometric_means: {
    readonly end_to_end_over_cxlfork: Readonly<Record<string, number>>;
    readonly cxlfork_over_local_fork: number;
    readonly local_memory_over_cold_start: Readonly<Record<string, number>>;
    readonly migrate_on_access_over_migrate_on_write: {
      readonly end_to_end: number;
      readonly warm: number;
      readonly local_memory: number;
    };
  };
}

export const published = JSON.parse(
  readFileSync(new URL('published.json', import.meta.url), 'utf8'),
) as Published;

export function total_ms(times: Phases): number {
  return times.restore_ms + times.faults_ms + times.execution_ms;
}
