/** What a mechanism is: a way to freeze a parent and to make a child of it, as timed steps. */

import type { Activity } from './engine/activity.ts';
import type { AddressSpace } from './memory/address-space.ts';
import type { MetricName } from './metrics.ts';
import type { Parameters, Values } from './parameters.ts';

/** The warm parent and what its function would cost to start from nothing. */
export interface Parent {
  readonly space: AddressSpace;
  /** Initialisation of the function from an exec to its first invocation. */
  readonly initialisation_ns: number;
}

/** A parent's frozen state: it never changes, and children of it are made at any time. */
export interface Checkpoint {
  /** CXL memory it occupies. */
  readonly cxl_bytes: number;
  /** Content token of the page at `slot`, as a child would first read it. */
  content(slot: number): number;
  /** The frame that holds the page at `slot`, in the memory that children map or fetch it from. */
  frameAt(slot: number): number;
  /** Local frames of the parent's node that it keeps from being reused. */
  readonly held_frames: Uint32Array;
  /** Gives back all it occupies; no child may be left. */
  release(): void;
}

export interface Mechanism<P extends Parameters = Parameters, C extends Checkpoint = Checkpoint> {
  readonly name: string;
  /** One sentence: how a child is made. */
  readonly description: string;
  /** Paper or code that the steps follow. */
  readonly source: string;
  /** What it leaves out, so that nobody quotes it. */
  readonly unmodelled: readonly string[];
  readonly parameters: P;
  /** Its restore is the function's own initialisation: known only if the workload tells it. */
  readonly restores_by_initialising?: true;
  /** Whether a tiering policy decides where pages go; if not, `policy_reason` says why. */
  readonly policies: 'any' | 'none';
  readonly policy_reason?: string;
  /** Node of the child; the parent is on node 0. */
  readonly child_node: 0 | 1;
  /** Metrics that mean nothing for this mechanism: they get no row. */
  readonly inapplicable: readonly MetricName[];
  /** What a child pays for each file page it reads that the checkpoint left out. */
  fileRead_ns?(values: Values<P>): number;
  checkpoint(parent: Parent, values: Values<P>): Activity<C>;
  /** `placements` holds a code per slot (`sim/placements.ts`); mechanisms without policies ignore it. */
  restore(
    checkpoint: C,
    parent: Parent,
    placements: Uint8Array,
    values: Values<P>,
  ): Activity<AddressSpace>;
}

/** Checks a mechanism's shape at compile time and returns it unchanged. */
export function defineMechanism<const P extends Parameters, C extends Checkpoint>(
  mechanism: Mechanism<P, C>,
): Mechanism<P, C> {
  return mechanism;
}
