/** All backends by name, each opened only when a trial needs it; and the parameters they declare. */

import type { Backend } from '../backend.ts';
import type { Parameters } from '../parameters.ts';

export const backends = {
  simulated: async () => (await import('./simulated.ts')).simulated,
  fake: async () => (await import('./fake.ts')).fake,
} as const satisfies Readonly<Record<string, () => Promise<Backend>>>;

export const backendDescriptions: Readonly<Record<keyof typeof backends, string>> = {
  simulated: 'discrete-event simulation of one parent, its checkpoint and one child',
  fake: 'for tests: a function of the trial, without any model',
};

/** What backends themselves let an experiment set, by backend. */
export async function backendParameters(): Promise<ReadonlyMap<string, Parameters>> {
  return new Map([['fake', (await import('./fake.ts')).fakeParameters]]);
}
