/** Published results of CXLfork's figures 7 and 8, to fit to and to check against: claims that `cxlsim validate` answers, too. */

import { join } from 'node:path';
import type { Claim } from '../../sim/validation/claim.ts';
import { readClaims } from '../../sim/validation/claims-file.ts';
import { published_folder } from '../../sim/validation/validate.ts';

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

const file = await readClaims(
  join(published_folder, 'cxlfork.yaml'),
  'experiments/published/cxlfork.yaml',
);

/** Values of a family by key; the empty key where there is one alone. */
function valuesOf(family: string): Record<string, number> {
  const claims = file.claims.filter((claim: Claim) => claim.family === family);
  if (claims.length === 0) throw new RangeError(`no family ${family} in the published claims`);
  return Object.fromEntries(
    claims.map(({ key = '', published }) => {
      if ('value' in published) return [key, published.value];
      throw new RangeError(`${family} is no number`);
    }),
  );
}

const oneOf = (family: string) => valuesOf(family)['']!;
const words = ['restore', 'faults', 'execution'] as const;
const mechanisms = ['criu', 'mitosis', 'cxlfork'] as const;

function byMechanism(prefix: string, names: readonly string[], suffix = '') {
  return Object.fromEntries(names.map((name) => [name, oneOf(`${prefix}${name}${suffix}`)]));
}

function functionOf(name: string): PublishedFunction {
  const phasesOf = (mechanism: string) =>
    Object.fromEntries(
      words.map((phase) => [`${phase}_ms`, valuesOf(`${phase}-${mechanism}`)[name]!]),
    ) as Record<Phase, number>;
  const policy = (each: string, warm: boolean) => ({
    cold_ms: valuesOf(`cold-${each}`)[name]!,
    ...(warm && { warm_ms: valuesOf(`warm-${each}`)[name]! }),
  });
  return {
    local_fork: phasesOf('local-fork'),
    mechanisms: Object.fromEntries(
      mechanisms.map((each) => [
        each,
        {
          ...phasesOf(each),
          local_memory_share_of_cold: valuesOf(`local-memory-${each}`)[name]!,
        },
      ]),
    ),
    policies: {
      'migrate-on-write': policy('migrate-on-write', true),
      // Its warm time is an input.
      'migrate-on-access': policy('migrate-on-access', false),
      hybrid: policy('hybrid', true),
    },
  };
}

export const published: Published = {
  source: file.source,
  local_fork_restore_ms: valuesOf('restore-local-fork'),
  functions: Object.fromEntries(
    Object.keys(valuesOf('restore-cxlfork')).map((name) => [name, functionOf(name)]),
  ),
  geometric_means: {
    end_to_end_over_cxlfork: byMechanism(
      'mean-',
      ['cold-start', 'criu', 'mitosis'],
      '-over-cxlfork',
    ),
    cxlfork_over_local_fork: oneOf('mean-cxlfork-over-local-fork'),
    local_memory_over_cold_start: byMechanism(
      'mean-memory-',
      ['criu', 'mitosis', 'cxlfork', 'local-fork'],
      '-over-cold-start',
    ),
    migrate_on_access_over_migrate_on_write: {
      end_to_end: oneOf('mean-migrate-on-access-cold'),
      warm: oneOf('mean-migrate-on-access-warm'),
      local_memory: oneOf('mean-migrate-on-access-memory'),
    },
  },
};

export function total_ms(times: Phases): number {
  return times.restore_ms + times.faults_ms + times.execution_ms;
}
