/** All backends by name, each opened only when a trial needs it; and the parameters they declare. */

import type { Backend, BackendContext } from '../backend.ts';
import type { Parameters } from '../parameters.ts';
import { hostParameters } from './host-parameters.ts';
import { vmParameters } from './vm-parameters.ts';

export const backends = {
  simulated: async () => (await import('./simulated.ts')).simulated,
  vm: async (context: BackendContext) => (await import('./vm.ts')).openVm(context),
  host: async (context: BackendContext) => (await import('./host.ts')).openHost(context),
  fake: async () => (await import('./fake.ts')).fake,
} as const satisfies Readonly<Record<string, (context: BackendContext) => Promise<Backend>>>;

export const backendDescriptions: Readonly<Record<keyof typeof backends, string>> = {
  simulated: 'discrete-event simulation of one parent, its checkpoint and its children',
  vm: 'two Linux kernels over shared memory, in virtual machines; counts are exact, times relative',
  host: 'one or two Linux hosts with the kernel module and CXL memory, here or over SSH',
  fake: 'for tests: a function of the trial, without any model',
};

/** What the module runs on real kernels is made of, and the machines that it runs in. */
const kernel_sources = [
  'kernel-module/Kbuild',
  'kernel-module/Makefile',
  'kernel-module/include',
  'kernel-module/module',
  'kernel-module/tools',
];

/** Sources that a backend's results depend on besides its own module and what that imports, from the project's root. */
export const other_sources: Readonly<Record<string, readonly string[]>> = {
  vm: [...kernel_sources, 'kernel-module/testbed/guest'],
  host: kernel_sources,
};

/** Backends that own machines: their trials run one after the other, whatever the number of jobs. */
export const one_at_a_time: readonly string[] = ['vm', 'host'];

/** Backends that run live functions on real kernels, and record what these do. */
export const on_real_kernels: readonly string[] = ['vm', 'host'];

/** Backends whose machines are emulated: times are good for ratios with one another, and no others. */
export const relative_times: readonly string[] = ['vm'];

/** What backends themselves let an experiment set, by backend. */
export async function backendParameters(): Promise<ReadonlyMap<string, Parameters>> {
  return new Map<string, Parameters>([
    ['vm', vmParameters],
    ['host', hostParameters],
    ['fake', (await import('./fake.ts')).fakeParameters],
  ]);
}
