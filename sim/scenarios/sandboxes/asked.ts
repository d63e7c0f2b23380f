/** What a trial asks of a system of stages, and why it cannot be asked so. */

import type { Trial } from '../../backend.ts';
import { stagedMechanisms } from '../../mechanisms/staged/registry.ts';
import { valuesOf } from '../../parameters.ts';
import { type SandboxSettings, sandboxParameters } from '../../sandbox.ts';
import type { Asked, Stage, StagedMechanism } from '../../staged-mechanism.ts';
import { type SandboxWindow, windowNames } from '../../stages.ts';

export function sandboxOf({ parameters }: Trial): SandboxSettings {
  return valuesOf(sandboxParameters, parameters['sandbox']);
}

/** The function must be a profile: a trace tells neither its initialisation nor how much memory its parent has. */
export function askedOf(trial: Trial): Asked {
  const { workload, children } = trial;
  if (workload.kind !== 'profile') throw new Error(`${workload.name} is no profile`);
  const { footprint_mb, written_mb, touched_mb, run_pages, cold_start_ms, warm_ms } = workload;
  return {
    footprint_mb,
    written_mb,
    touched_mb,
    run_pages,
    initialisation_ms: cold_start_ms - warm_ms,
    work_ms: warm_ms,
    children: children.count,
    sandbox: sandboxOf(trial),
  };
}

/** Why the trial cannot be run, or `undefined` if it can. */
export function stagedRefusal(trial: Trial): string | undefined {
  const mechanism = stagedMechanisms[trial.mechanism]!;
  const { workload, children, fabric } = trial;
  const sandbox = sandboxOf(trial);
  if (workload.kind !== 'profile') {
    return `${workload.name} is a ${workload.kind}, of which no initialisation is known; expected a function profile`;
  }
  const refusal = askedRefusal(mechanism, sandbox, children.count);
  if (refusal !== undefined) return refusal;
  const { shared_mb, stages } = mechanism.plan(askedOf(trial), settingsOf(trial));
  const drawn = drawsRefusal(mechanism.name, stages, sandbox);
  if (drawn !== undefined) return drawn;
  const { capacity_mb } = fabric.node.local;
  if (shared_mb <= capacity_mb) return undefined;
  return `what children of ${mechanism.name} share takes ${shared_mb} MiB of a host of ${capacity_mb}`;
}

/** Why starts of such stages cannot be drawn as is asked, or `undefined`. */
export function drawsRefusal(
  name: string,
  stages: readonly Stage[],
  { runtime, variation }: Pick<SandboxSettings, 'runtime' | 'variation'>,
): string | undefined {
  const starts_runtime = stages.some(({ stage }) => stage === 'runtime');
  const draws_runtime = runtime !== 'workload';
  if (draws_runtime && !starts_runtime) {
    return `${name} starts no language runtime (runtime ${runtime}); expected workload`;
  }
  const varies = draws_runtime || stages.some(({ sigma }) => sigma !== undefined);
  if (variation !== 'published' || varies) return undefined;
  const or = starts_runtime ? ', or a runtime whose starts are known' : '';
  return `nobody published how starts of ${name} vary (variation published); expected none${or}`;
}

export function settingsOf({ mechanism, parameters }: Trial) {
  return valuesOf(stagedMechanisms[mechanism]!.parameters, parameters[mechanism]);
}

function askedRefusal(
  { name, properties, captures, resets, has_address, windows }: StagedMechanism,
  { capture, reset, addresses, window }: SandboxSettings,
  count: number,
): string | undefined {
  if (capture !== 'none' && !captures.includes(capture)) {
    const has = captures.length === 0 ? 'none' : `none, ${captures.join(', ')}`;
    return `${name} does not branch a running ${properties!.unit} (capture ${capture}); expected ${has}`;
  }
  if (reset !== 'none' && !resets.includes(reset)) {
    const has = resets.length === 0 ? 'none' : `none, ${resets.join(', ')}`;
    const why = resets.length === 0 ? 'has no master to reset a sandbox to' : 'has no such reset';
    return `${name} ${why} (reset ${reset}); expected ${has}`;
  }
  if (has_address && count > addresses) {
    return `${count} children of ${name} need ${count} network addresses, and the host has ${addresses}`;
  }
  if (windows[window as SandboxWindow] === undefined) return windowRefusal(name, window, windows);
  return undefined;
}

/** What its published times contain instead. */
export function windowRefusal(
  name: string,
  window: string,
  windows: StagedMechanism['windows'],
): string {
  const had = windowNames.flatMap((each) => {
    const within = windows[each];
    return within === undefined ? [] : [`${each} (${within.join(', ')})`];
  });
  return `${name} has no time in window ${window}; expected ${had.join(' or ')}`;
}
