/** What a routing policy is: to which node a request goes. It may remember; `begin` makes it anew for each trial. */

import type { Parameters, Values } from './parameters.ts';
import type { PolicyColour } from './policy.ts';

export type { Parameter, Parameters, Values } from './parameters.ts';

/** A node as a router sees it; those that have failed are not shown. */
export interface NodeView {
  /** What the answer names it by. */
  readonly index: number;
  readonly cores: number;
  /** Requests that it works on, and those that wait there. */
  readonly running: number;
  readonly waiting: number;
  /** Share of its memory in use, 0 to 1. */
  readonly memory_used: number;
  /** Idle instances of the request's function. */
  readonly idle: number;
}

export interface RoutingRun {
  /** The `index` of one of the nodes, of which there is at least one. */
  route(of: number, nodes: readonly NodeView[]): number;
}

export interface RoutingSetting {
  readonly functions: number;
  readonly nodes: number;
  /** A number in [0, 1): chance that is the same in each run of the trial. */
  random(): number;
}

export interface Routing<P extends Parameters = Parameters> {
  /** One sentence: what the policy does. */
  readonly description: string;
  readonly parameters?: P;
  readonly colour?: PolicyColour;
  begin(setting: RoutingSetting, values: Values<P>): RoutingRun;
}

/** Checks a policy's shape at compile time and returns it unchanged; use it as the default export. */
export function defineRouting<const P extends Parameters>(policy: Routing<P>): Routing<P> {
  return policy;
}
