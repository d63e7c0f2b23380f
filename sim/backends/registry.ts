/**
 * All backends by name, one line each. What is said here of each is told without opening it; `<name>.ts` beside it opens
 * it. The first one that runs the model is used where nobody names any.
 */

import type { BackendDefinition } from '../backend.ts';
import type { Parameters } from '../parameters.ts';
import { fake } from './fake-definition.ts';
import { host } from './host-definition.ts';
import { simulated } from './simulated-definition.ts';
import { vm } from './vm-definition.ts';

export const backends = {
  simulated,
  vm,
  host,
  fake,
} as const satisfies Readonly<Record<string, BackendDefinition>>;

export type BackendName = keyof typeof backends;

const entries: readonly (readonly [string, BackendDefinition])[] = Object.entries(backends);

/** Nothing is known of the backends that tests bring. */
export function definitionOf(name: string): BackendDefinition | undefined {
  return entries.find(([each]) => each === name)?.[1];
}

/** Names of the backends of which something holds. */
export function backendsWhich(holds: (definition: BackendDefinition) => unknown): string[] {
  return entries.filter(([, definition]) => holds(definition)).map(([name]) => name);
}

export function runsModel(name: string): boolean {
  return definitionOf(name)?.runs === 'the model';
}

export function runsKernels(name: string): boolean {
  return definitionOf(name)?.runs === 'kernels';
}

/** The backend of experiments that name none. */
export const default_backend = entries.find(([name]) => runsModel(name))![0];

/** What backends themselves let an experiment set, by backend. */
export const backendParameters: ReadonlyMap<string, Parameters> = new Map(
  entries.flatMap(([name, { parameters }]) => (parameters ? [[name, parameters] as const] : [])),
);
