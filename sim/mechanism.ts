/** What a mechanism is: a way to freeze a parent and to make a child of it, as timed steps. */

import type { Activity } from './engine/activity.ts';
import type { AddressSpace } from './memory/address-space.ts';
import type { Invocation } from './memory/invocation.ts';
import type { MetricName } from './metrics.ts';
import type { Parameters, Values } from './parameters.ts';
import type { Coming } from './policy.ts';
import type { Properties } from './properties.ts';

/** The warm parent and what its function would cost to start from nothing. */
export interface Parent {
  readonly space: AddressSpace;
  /** Initialisation of the function from an exec to its first invocation. */
  readonly initialisation_ns: number;
}

/** A parent's frozen state: it never changes, and children of it are made at any time, on any node. */
export interface Checkpoint {
  /** CXL memory it occupies. */
  readonly cxl_bytes: number;
  /** Content token of the page at `slot`, as a child would first read it. */
  content(slot: number): number;
  /** The frame that holds the page at `slot`, in the memory that children map or fetch it from. */
  frameAt(slot: number): number;
  /** Local frames of the parent's node that it keeps from being reused. */
  readonly held_frames: Uint32Array;
  /** What a child pays for each file page it reads that the checkpoint left out; absent: nothing. */
  readonly file_read_ns?: number;
  /**
   * Makes a child on a node. `placements` holds a code per slot (`sim/placements.ts`); mechanisms
   * without policies ignore it.
   */
  restore(node: number, placements: Uint8Array): Activity<AddressSpace>;
  /**
   * What clairvoyant policies see of each page, by slot, if a child's next invocation is
   * `invocation` and its last-level cache holds `cached_pages`: one answer, or several of which a trial tells the
   * fastest. Mechanisms without policies have none.
   */
  foresee?(invocation: Invocation, cached_pages: number): ((slot: number) => Coming)[];
  /** Gives back all it occupies; no child may be left. */
  release(): void;
}

/** What is known of a mechanism beside what it does. */
export interface MechanismFacts {
  readonly name: string;
  /** One sentence: how a child is made. */
  readonly description: string;
  /** Paper or code that the steps follow. */
  readonly source: string;
  /** What it is beside its costs. */
  readonly properties?: Properties;
  /** Nobody has measured it, or built it: where its costs come from instead. Reports say so. */
  readonly inferred?: string;
  /** What it leaves out, so that nobody quotes it. */
  readonly unmodelled: readonly string[];
  readonly parameters: Parameters;
  /** Whether a tiering policy decides where pages go; if not, `policy_reason` says why. */
  readonly policies: 'any' | 'none';
  readonly policy_reason?: string;
  /** Its processes cannot be made in a container that is there. */
  readonly needs_new_container?: true;
  /** Nodes that children can be on: only their parent's, or any. */
  readonly reach: 'own-node' | 'any-node';
  /** Its colour in figures, `#RRGGBB`; under policies, each has its own. Whatever has none gets one that is free. */
  readonly colour?: string;
  /** Metrics that mean nothing for this mechanism: they get no row. */
  readonly inapplicable: readonly MetricName[];
}

/** A mechanism that is simulated page by page. */
export interface Mechanism extends MechanismFacts {
  /** What the kernel module does where a parameter's default is otherwise: so live functions are replayed. */
  readonly on_kernels?: Readonly<Record<string, string>>;
  /** The one way of such parameters in which costs of a lone child tell those of many, and which clusters take. */
  readonly of_costs?: Readonly<Record<string, string>>;
  /** Its restore is the function's own initialisation: known only if the workload tells it. */
  readonly restores_by_initialising?: true;
  /** What tables hold the others against, unless something else is named. */
  readonly is_baseline?: true;
  /** Freezes the parent; `settings` are what `valuesOf(parameters)` makes of the experiment's. */
  checkpoint(parent: Parent, settings: Values): Activity<Checkpoint>;
}

/**
 * Where keys and values that were computed once are found again: nowhere, in the memory of the GPU that computed them, also
 * in memories below it, in a pool that hosts share, or apart from what adapters add to them.
 */
export type Kept =
  | 'nowhere'
  | 'gpu'
  | 'tiers'
  | 'peers'
  | 'pool'
  | 'base-and-residual'
  | 'snapshot';

/** A way in which engines of language models come by the state that requests have in common. */
export interface CacheMechanism extends MechanismFacts {
  readonly kept: Kept;
}

/** A mechanism as its file writes it, which knows the types of its own parameters. */
interface Definition<P extends Parameters> extends Mechanism {
  readonly parameters: P;
  checkpoint(parent: Parent, settings: Values<P>): Activity<Checkpoint>;
}

/** Checks a mechanism's shape at compile time and returns it unchanged. */
export function defineMechanism<const P extends Parameters>(mechanism: Definition<P>): Mechanism {
  return mechanism;
}
