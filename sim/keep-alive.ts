/**
 * What a keep-alive policy is: how long an idle instance stays, which one goes first where memory is short, and
 * optionally how many there are to be. Unlike a tiering policy it remembers what it has seen: `begin` makes it anew
 * for each trial.
 */

import type { Parameters, Values } from './parameters.ts';
import type { PolicyColour } from './policy.ts';

export type { Parameter, Parameters, Values } from './parameters.ts';

/** What holds during a whole trial. */
export interface KeepAliveSetting {
  /** Functions go by their numbers, from 0. */
  readonly functions: readonly ServedFunction[];
}

/** A function that the cluster serves. */
export interface ServedFunction {
  readonly name: string;
  /** What starting it from nothing takes, and one invocation of a warm instance. */
  readonly cold_start_s: number;
  readonly warm_s: number;
  /** Memory that an instance holds. */
  readonly memory_mb: number;
}

/** An instance that has become idle. */
export interface IdleInstance {
  /** The number of its function. */
  readonly of: number;
  readonly now_s: number;
  /** Since its function's last request before the one that it has just served had ended; absent for the first. */
  readonly idle_before_s: number | undefined;
  /** Instances of its function that are there, itself among them. */
  readonly instances_of_function: number;
  /** Share of its node's memory in use, 0 to 1. */
  readonly memory_used: number;
}

export interface Keep {
  /** Idle for longer, the instance is given up; infinity keeps it until memory is needed. */
  readonly keep_s: number;
  /** So long after now one is made ahead, unless a request comes before, and kept for so long. */
  readonly ahead?: { readonly after_s: number; readonly keep_s: number };
}

/** One of the instances that could make room. */
export interface Candidate {
  readonly of: number;
  readonly idle_since_s: number;
  readonly memory_mb: number;
}

/** What is known of a function when its number of instances is decided. */
export interface Scale {
  readonly of: number;
  readonly now_s: number;
  /** Instances that are there or being made, and those that can serve. */
  readonly instances: number;
  readonly ready: number;
  /** Requests in the system on average since the last tick. */
  readonly concurrency: number;
  /** Share of memory in use over all nodes, 0 to 1. */
  readonly memory_used: number;
}

/** A policy at work in one trial. */
export interface KeepAliveRun {
  /** Told of each instance that becomes idle; what it is shown holds until the next one is. */
  idle(instance: IdleInstance): Keep;
  /** Lowest goes first where memory is short; the least recently used where this is absent. */
  priority?(candidate: Candidate): number;
  /** Told which one went, with its priority. */
  gone?(candidate: Candidate, priority: number): void;
  /** Idle for longer than this, instances on a node go at the next tick. */
  cap_s?(memory_used: number): number;
  /** At each tick: how many instances there are to be. */
  scale?(view: Scale): number;
}

export interface KeepAlive<P extends Parameters = Parameters> {
  /** One sentence: what the policy does. */
  readonly description: string;
  readonly parameters?: P;
  readonly colour?: PolicyColour;
  /** Time between ticks; none where absent. */
  readonly tick_s?: number;
  /** Requests never start an instance by themselves but the first: `scale` decides. */
  readonly starts_by_scale?: boolean;
  begin(setting: KeepAliveSetting, values: Values<P>): KeepAliveRun;
}

/** Checks a policy's shape at compile time and returns it unchanged; use it as the default export. */
export function defineKeepAlive<const P extends Parameters>(policy: KeepAlive<P>): KeepAlive<P> {
  return policy;
}
