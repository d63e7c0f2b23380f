/**
 * Two Linux kernels in virtual machines: trials of live functions, carried out by the kernel module. Counts
 * are those of the kernels; times are an emulator's, comparable with one another and nothing else.
 */

import { join } from 'node:path';
import type { Backend, BackendContext, ParameterSettings, Trial } from '../backend.ts';
import { valuesOf } from '../parameters.ts';
import type { LiveFunction } from '../workload/live-function.ts';
import { inOneLine, type Machines, RealBackend, type Site } from './real/real-backend.ts';
import { realMechanisms } from './real/registry.ts';
import {
  bootMachines,
  compile,
  hostRefuses,
  keepMessage,
  type VmOptions,
} from './real/vm-testbed.ts';
import { vm, vmParameters } from './vm-definition.ts';

/** After so many boots in a row that failed, no more is tried. */
const boots_tried = 2;

type Settings = ReturnType<typeof settingsOf>;

function settingsOf(parameters: ParameterSettings) {
  return valuesOf(vmParameters, parameters['vm']);
}

/** Guests of this machine; `directory` gets what a boot that failed had to say. */
export function guests(
  { directory }: BackendContext,
  boot: (options: VmOptions, signal: AbortSignal) => Promise<Machines> = bootMachines,
): Site<Settings> {
  let refusal: Promise<string | undefined> | undefined;
  let boots_failed = 0;
  let boot_failure: unknown;
  return {
    name: 'vm',
    has_relative_times: vm.clock === 'emulated',
    compile,
    settingsOf,
    keyOf: (settings) => JSON.stringify(optionsOf(settings)),
    refuses: rootRefuses,
    unavailable() {
      refusal ??= hostRefuses();
      return refusal;
    },
    async connect(settings, signal) {
      if (boots_failed >= boots_tried) throw boot_failure;
      try {
        const machines = await boot(optionsOf(settings), signal);
        boots_failed = 0;
        return machines;
      } catch (error) {
        boots_failed += 1;
        boot_failure = inOneLine(error);
        keepMessage(join(directory, 'logs'), 'boot', error);
        throw boot_failure;
      }
    },
  };
}

function optionsOf(settings: Settings): VmOptions {
  const { kernel, root, shared_mb, memory_mb, memory, layout } = settings as Settings & VmOptions;
  return { kernel, root, shared_mb, memory_mb, memory, layout };
}

/** What the small root file system lacks. */
function rootRefuses({ mechanism, workload, parameters }: Trial): string | undefined {
  const { root, memory } = settingsOf(parameters);
  const { shares_nothing, program: needed } = realMechanisms[mechanism]!;
  if (memory === 'numa-node' && shares_nothing !== true) {
    const others = Object.keys(realMechanisms).filter(
      (name) => realMechanisms[name]!.shares_nothing,
    );
    return `memory of a NUMA node is its machine's own: only ${others.join(', ')} runs there, and ${mechanism} shares`;
  }
  const program = (workload as LiveFunction).files[0]!.name;
  const lacks =
    needed ?? (memory === 'numa-node' ? 'numactl' : program.endsWith('.py') ? 'Python' : undefined);
  if (root === 'debian' || lacks === undefined) return undefined;
  return `the busybox root file system has no ${lacks}; parameters.vm.root=debian has it`;
}

export function open(context: BackendContext): Backend {
  return new RealBackend(guests(context), context);
}
