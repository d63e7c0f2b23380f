/**
 * A mechanism whose unit is a sandbox or a virtual machine, told by stages: how long each takes alone, and what of
 * the host it holds meanwhile. Pages are not told apart; what contends is simulated.
 */

import type { MechanismFacts } from './mechanism.ts';
import type { Parameters, Values } from './parameters.ts';
import type { SandboxSetting, SandboxSettings } from './sandbox.ts';
import type { SandboxWindow, StageName } from './stages.ts';

/** What of a host only some can hold at once: `lock` one, `disk` one, `core` as many as it has. */
export type Held = 'core' | 'disk' | 'lock';

export interface Stage {
  readonly stage: StageName;
  /** Median, where starts vary. */
  readonly ms: number;
  /** Absent: it waits for nobody. */
  readonly holds?: Held;
  /** Standard deviation of its logarithm from child to child, where quantiles of it are published. */
  readonly sigma?: number;
}

/** What is asked of a system: a function, a host and how many. */
export interface Asked {
  /** As its profile has it. */
  readonly footprint_mb: number;
  readonly written_mb: number;
  readonly touched_mb: number;
  /** Mean length of a run of neighbouring pages that it touches. */
  readonly run_pages: number;
  readonly initialisation_ms: number;
  readonly work_ms: number;
  readonly children: number;
  readonly sandbox: SandboxSettings;
}

/** A running parent that is branched. */
export interface Branch {
  readonly pause_ms: number;
  /** Until the call returns, and until the image is whole. */
  readonly returns_ms: number;
  readonly whole_ms: number;
}

/** A request to a sandbox that is there. */
export interface Request {
  readonly answer_ms: number;
  readonly reset_ms: number;
  /** With its reset, where percentiles of what is served are published. */
  readonly turn_ms?: { readonly p50: number; readonly p90: number; readonly p99: number };
}

export interface Plan {
  /** Of each child, in order. */
  readonly stages: readonly Stage[];
  /** On the host once, whatever the number of children. */
  readonly shared_mb: number;
  /** Of each child's own. */
  readonly child_mb: number;
  /** In memory that hosts share; absent where there is none. */
  readonly pool_mb?: number;
  /** What the image of a child that is forked again adds on the host, and in memory that hosts share. */
  readonly branch_mb?: number;
  readonly pool_branch_mb?: number;
  readonly branch?: Branch;
  readonly request?: Request;
}

export interface StagedMechanism extends MechanismFacts {
  /** Stages that each window of its published times contains; a window that it does not have is absent. */
  readonly windows: Readonly<Partial<Record<SandboxWindow, readonly StageName[]>>>;
  /** What it reads of the host and the parent, beside what the scenario reads for all. */
  readonly reads: readonly SandboxSetting[];
  /** Ways of branching a running parent that it has; and why not, where it has none. */
  readonly captures: readonly string[];
  /** What undoes a request's writes; without a master, nothing can. */
  readonly resets: readonly string[];
  /** Whether each child has a network address of its host's. */
  readonly has_address: boolean;
  plan(asked: Asked, settings: Values): Plan;
}

interface Definition<P extends Parameters> extends StagedMechanism {
  readonly parameters: P;
  plan(asked: Asked, settings: Values<P>): Plan;
}

/** The same for all, and empty for most. */
type Usual = 'policies' | 'policy_reason' | 'reach' | 'inapplicable';
type Optional = 'reads' | 'captures' | 'resets';

/** Checks a mechanism's shape at compile time; what nearly all of them have in common stands here. */
export function defineStaged<const P extends Parameters>(
  mechanism: Omit<Definition<P>, Usual | Optional> & Partial<Pick<Definition<P>, Optional>>,
): StagedMechanism {
  return {
    reads: [],
    captures: [],
    resets: [],
    ...mechanism,
    policies: 'none',
    policy_reason: 'it is told by its stages, and its pages are not told apart',
    reach: mechanism.properties?.other_hosts === 'no' ? 'own-node' : 'any-node',
    inapplicable: [],
  };
}
